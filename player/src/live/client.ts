// A connection to WS /v1/live/{video_id} that keeps itself alive, and rests while nobody looks at the page.
import { backoffMs } from "../core/backoff";
import { type LiveMessage, readMessage } from "./messages";

/** The server speaks every 2 s; after five beats of silence the line is dead, whatever the browser believes. */
export const SILENCE_MS = 10_000;
/** A look at another tab is no reason to hang up; a page that stays away is. */
export const HIDDEN_MS = 15_000;
/** `no such video`: asking again changes nothing. */
const GONE = 4404;
/** `too many open pages`: no hurry. */
const BUSY = 1013;
const BUSY_FAILURES = 4; // a back-off of up to 16 s from the first time on

/** The world around the client, as a test makes it. */
export interface LiveWorld {
  connect(url: string, handlers: LineHandlers): Line;
  set(callback: () => void, delayMs: number): number;
  clear(timer: number): void;
  random(): number;
  isHidden(): boolean;
  /** Calls back when the page is hidden or shown, or the network has come back. Returns the way to stop. */
  onChange(callback: () => void): () => void;
}

export interface LineHandlers {
  heard(frame: unknown): void;
  closed(code: number): void;
}

export interface Line {
  close(): void;
}

export interface LiveHandlers {
  onMessage(message: LiveMessage): void;
  /** Whether pushes arrive: from the first message of a connection until it is lost. */
  onConnected?(connected: boolean): void;
  /** There is no such video (any more); the client has ended. */
  onGone?(): void;
}

export interface LiveClient {
  readonly connected: boolean;
  /** Frames that were no message: from a later server, or damaged. */
  readonly ignored: number;
  close(): void;
}

/** Listens to `url` (ws: or wss:) until it is closed. Reconnects with full-jitter back-off. */
export function openLive(url: string, handlers: LiveHandlers, world: LiveWorld = browserWorld()): LiveClient {
  let line: Line | null = null;
  let retry: number | null = null;
  let silence: number | null = null;
  let hiding: number | null = null;
  let failures = 0;
  let connected = false;
  let ended = false;
  let ignored = 0;

  const tell = (now: boolean) => {
    if (connected === now) return;
    connected = now;
    handlers.onConnected?.(now);
  };
  const stop = (timer: number | null) => {
    if (timer !== null) world.clear(timer);
    return null;
  };

  const hangUp = () => {
    silence = stop(silence);
    retry = stop(retry);
    const old = line;
    line = null; // what it still says is not heard
    old?.close();
    tell(false);
  };
  const again = () => {
    hangUp();
    if (ended || world.isHidden()) return; // shown again, it connects at once
    retry = world.set(connect, backoffMs(failures, world.random));
    failures += 1;
  };
  const listen = () => {
    silence = stop(silence);
    silence = world.set(again, SILENCE_MS);
  };
  const connect = () => {
    hangUp();
    let mine: Line | null = null;
    mine = line = world.connect(url, {
      heard(frame) {
        if (line !== mine) return;
        listen();
        const message = readMessage(frame);
        if (!message) {
          ignored += 1;
          return;
        }
        failures = 0;
        tell(true);
        handlers.onMessage(message);
      },
      closed(code) {
        if (line !== mine) return;
        if (code === GONE) {
          end();
          handlers.onGone?.();
          return;
        }
        if (code === BUSY) failures = Math.max(failures, BUSY_FAILURES);
        again();
      },
    });
    listen(); // a handshake that hangs is silence too
  };
  const look = () => {
    hiding = stop(hiding);
    if (ended) return;
    if (world.isHidden()) hiding = world.set(hangUp, HIDDEN_MS);
    else if (line === null) connect(); // shown, or back on the network: no reason to wait for the back-off
  };
  const stopLooking = world.onChange(look);
  const end = () => {
    ended = true;
    stopLooking();
    hiding = stop(hiding);
    hangUp();
  };

  if (!world.isHidden()) connect();
  return {
    get connected() {
      return connected;
    },
    get ignored() {
      return ignored;
    },
    close: end,
  };
}

/** The address of a video's line, beside the page or a given site. */
export function liveUrl(videoId: string, site: string = location.origin): string {
  const url = new URL(`/v1/live/${encodeURIComponent(videoId)}`, site);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function browserWorld(): LiveWorld {
  return {
    connect(url, { heard, closed }) {
      const socket = new WebSocket(url);
      socket.addEventListener("message", ({ data }) => heard(data));
      socket.addEventListener("close", ({ code }) => closed(code));
      return { close: () => socket.close() };
    },
    set: (callback, delayMs) => window.setTimeout(callback, delayMs),
    clear: (timer) => window.clearTimeout(timer),
    random: Math.random,
    isHidden: () => document.hidden,
    onChange(callback) {
      const life = new AbortController();
      document.addEventListener("visibilitychange", callback, { signal: life.signal });
      window.addEventListener("online", callback, { signal: life.signal });
      window.addEventListener("pageshow", callback, { signal: life.signal });
      return () => life.abort();
    },
  };
}
