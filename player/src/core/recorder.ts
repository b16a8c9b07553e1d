// From what a media element does to the events of one view (contract: events.md). Knows no DOM; time is injected.
import type { EndReason, EventType, FieldsOf, Rendition, ViewEvent } from "./events";
import type { Conditions, RecorderOptions } from "./media_state";
import { bounded, seconds } from "./numbers";
import { createPlayhead, type Told } from "./playhead";

export const HEARTBEAT_MS = 10_000;
export const MAX_T_MS = 86_400_000;

export type Recorder = ReturnType<typeof createRecorder>;

/** One view's recorder: told what the element does, it hands out events with `seq` and `t_ms`, in order. */
export function createRecorder({ clock, media, drawsFrames, health, conditions, emit: handOut }: RecorderOptions) {
  const startMs = clock.monoMs();
  let shown: Rendition | null = null;
  let seq = 0;
  let lastTMs = 0;
  let nextBeatMs = 0;
  let over = false; // the view has ended: what still happens is nobody's

  /** Gives an event its stamp: no gaps, never back in time, within the contract's bounds. */
  function write<T extends EventType>(type: T, fields: Told<T>, atMs: number, atS: number): void {
    if (over) return;
    if (type === "play") nextBeatMs = atMs + HEARTBEAT_MS;
    lastTMs = bounded(Math.round(atMs - startMs), lastTMs, MAX_T_MS);
    const circumstances = type === "interval" && {
      ...conditions,
      height: shown?.height,
      bitrate_bps: shown?.bitrate_bps,
    };
    const stamp = { position_s: seconds(atS), seq: seq++, t_ms: lastTMs };
    handOut({ type, ...fields, ...circumstances, ...stamp } as unknown as ViewEvent);
  }

  const playhead = createPlayhead({ clock, media, drawsFrames, write });
  const { emit, seenSinceMs, split, stop, look: lookAtPlayhead } = playhead;

  /** Visibility, mute or mode changed. Each splits the interval; mute and mode are settings too. */
  function change(next: Conditions): void {
    const { visible, muted, mode } = conditions;
    if (next.visible === visible && next.muted === muted && next.mode === mode) return;
    split(() => {
      conditions = next;
      if (next.muted !== muted) setting("mute", next.muted);
      if (next.mode !== mode) setting("mode", next.mode);
    });
  }

  function setting(name: string, value: string | number | boolean): void {
    emit("setting", { name, value });
  }

  function rendition(next: Rendition): void {
    if (shown && shown.height === next.height && shown.bitrate_bps === next.bitrate_bps) return;
    split(() => {
      shown = next;
      emit("rendition", next, seenSinceMs());
    });
  }

  function error(told: FieldsOf<"error">): void {
    (told.fatal ? stop : emit)("error", told);
  }

  function end(reason: EndReason): void {
    stop("view_end", { reason });
    over = true;
  }

  function look(): void {
    lookAtPlayhead();
    const nowMs = clock.monoMs();
    if (!playhead.watching || nowMs < nextBeatMs) return;
    nextBeatMs = Math.max(nextBeatMs + HEARTBEAT_MS, nowMs + HEARTBEAT_MS / 2); // missed ones are not made up for
    emit("heartbeat", health(), nowMs);
  }

  write("view_start", {}, startMs, media.currentTime);

  return Object.assign(playhead, {
    elapsedMs: () => clock.monoMs() - startMs,
    closed: () => over,
    change,
    setting,
    rendition,
    error,
    end,
    look,
  });
}
