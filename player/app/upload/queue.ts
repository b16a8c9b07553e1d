// All files that this page sends: one after the other, whichever page of the site is shown meanwhile.
import { useSyncExternalStore } from "react";
import { m } from "../i18n";
import { sentence } from "../words";
import type { Transfer } from "./transfer";

export type Stage = "waiting" | "sending" | "lost" | "paused" | "failed" | "done";

export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly stage: Stage;
  /** Why it stands still, and what to do. */
  readonly problem: string | null;
  readonly videoId: string | null;
}

let sendings: readonly Sending[] = [];
let lastId = 0;
const files = new Map<number, File>();
const transfers = new Map<number, Transfer>();
const listeners = new Set<() => void>();

/** Queues files; one that is already on its way is not sent twice. */
export function sendFiles(chosen: Iterable<File>): void {
  for (const file of chosen) {
    if ([...files.values()].some((known) => isSame(known, file))) continue;
    const id = ++lastId;
    files.set(id, file);
    const fresh = { id, name: file.name, sizeBytes: file.size, sentBytes: 0, problem: null, videoId: null };
    set([...sendings, { ...fresh, stage: "waiting" }]);
  }
  next();
}

export function pause(id: number): void {
  transfers.get(id)?.pause();
  change(id, { stage: "paused" });
  next();
}

/** Goes on with a paused or stopped one, at once. */
export function goOn(id: number): void {
  const transfer = transfers.get(id);
  change(id, { stage: transfer ? "sending" : "waiting", problem: null });
  transfer?.goOn();
  next();
}

/** Ends it here and on the server; also takes a failed or finished one off the page. */
export function dismiss(id: number): void {
  const stage = sendings.find((sending) => sending.id === id)?.stage;
  if (stage !== "done") transfers.get(id)?.giveUp();
  files.delete(id);
  transfers.delete(id);
  set(sendings.filter((sending) => sending.id !== id));
  next();
}

export function useSendings(): readonly Sending[] {
  return useSyncExternalStore(subscribe, () => sendings);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function next(): void {
  if (sendings.some(({ stage }) => stage === "sending" || stage === "lost")) return;
  const waiting = sendings.find(({ stage }) => stage === "waiting");
  if (waiting) void start(waiting.id);
}

async function start(id: number): Promise<void> {
  change(id, { stage: "sending" });
  const file = files.get(id);
  try {
    const { send } = await import("./transfer");
    if (!file || !files.has(id)) return; // dismissed meanwhile
    transfers.set(
      id,
      send(file, {
        progress: (sentBytes) => {
          if (stageOf(id) !== "paused") change(id, { sentBytes, stage: "sending" });
        },
        lost: () => change(id, { stage: "lost" }),
        done: (videoId) => {
          files.delete(id); // the same file may be sent again
          change(id, { stage: "done", sentBytes: file.size, videoId });
          next();
        },
        stopped: (problem, final, status) => {
          if (status === 401) location.assign("/login");
          if (final) files.delete(id);
          change(id, { stage: final ? "failed" : "paused", problem: sentence(problem) });
          next();
        },
      }),
    );
    if (stageOf(id) === "paused") transfers.get(id)?.pause();
  } catch {
    change(id, { stage: "paused", problem: m.noAnswerRunning }); // the module did not load
  }
}

function stageOf(id: number): Stage | undefined {
  return sendings.find((sending) => sending.id === id)?.stage;
}

function change(id: number, facts: Partial<Sending>): void {
  set(sendings.map((sending) => (sending.id === id ? { ...sending, ...facts } : sending)));
}

function set(changed: readonly Sending[]): void {
  sendings = changed;
  const running = sendings.some(({ stage }) => stage === "sending" || stage === "lost");
  // Only while bytes are on their way: the listener keeps a page out of the back/forward cache.
  if (running) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
  for (const listener of listeners) listener();
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function isSame(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}
