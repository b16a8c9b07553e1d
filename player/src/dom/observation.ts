// Listens to one media element for one source and keeps a recorder per view. State comes from the media, not from clicks.
import type { Clock } from "../core/clock";
import { cut } from "../core/context";
import type { EndReason, Health, JumpCause, Mode, Rendition, ViewEvent } from "../core/events";
import type { Conditions } from "../core/media_state";
import { createRecorder, type Recorder } from "../core/recorder";
import type { Adapter } from "./adapter";

const IDLE_MS = 60 * 60_000;
const MAX_VIEW_MS = 12 * 3_600_000;
/** Dragging a volume slider is one setting. */
const VOLUME_SETTLE_MS = 500;

export interface ObservationOptions {
  clock: Clock;
  /** A new view begins: makes its identity and returns where its events go. */
  begin: () => (event: ViewEvent) => void;
  /** The duration became known. */
  durationKnown: () => void;
}

export type Observation = ReturnType<typeof observe>;

export function observe(media: HTMLMediaElement, { clock, begin, durationKnown }: ObservationOptions) {
  const video = media as HTMLVideoElement;
  const listening = new AbortController();
  let adapter: Adapter | null = null;
  let shown: Rendition | null = null;
  let looks: ReturnType<typeof setInterval> | undefined;
  let lookingMs: number | null = null;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let volumeTimer: ReturnType<typeof setTimeout> | undefined;
  let toldVolume = 1;
  let frameRequest = 0;
  let framesBefore = frames();
  let recorder = newRecorder();

  function newRecorder(): Recorder {
    framesBefore = frames();
    return createRecorder({ clock, media, drawsFrames, health, conditions: conditions(), emit: begin() });
  }

  const on = (target: EventTarget, types: string, act: (event: Event) => void) => {
    for (const type of types.split(" ")) {
      const heard = (event: Event) => {
        act(event);
        pace();
      };
      target.addEventListener(type, heard, { signal: listening.signal, capture: true }); // before the tracker's farewell
    }
  };
  const change = () => recorder.change(conditions());
  on(media, "play", play);
  on(media, "pause", () => recorder.pause());
  on(media, "ended", () => recorder.ended());
  on(media, "seeking", () => {
    if (recorder.closed()) renew();
    recorder.seeking();
  });
  on(media, "seeked", () => recorder.seeked());
  on(media, "ratechange", () => recorder.rateChanged());
  on(media, "timeupdate playing waiting stalled", () => recorder.look());
  on(media, "durationchange", durationKnown);
  on(media, "volumechange", volumeChanged);
  on(media, "enterpictureinpicture leavepictureinpicture webkitbeginfullscreen webkitendfullscreen", change);
  on(document, "fullscreenchange visibilitychange", change);
  on(window, "pagehide", () => recorder.end("unload"));
  on(window, "pageshow", () => {
    if (recorder.closed()) renew(); // back from the back/forward cache
  });

  function play({ timeStamp }: Event): void {
    if (recorder.closed()) renew();
    else start(timeStamp); // when it was asked for, which a busy page hears later
  }

  function start(atMs?: number): void {
    recorder.play(atMs);
    awaitFrame();
  }

  function renew(): void {
    recorder = newRecorder();
    if (shown) recorder.rendition({ ...shown, cause: null });
    if (!media.paused) start();
  }

  /** Looks as often as the recorder needs it; the idle timer runs only while nothing does. */
  function pace(): void {
    const { paceMs } = recorder;
    if (paceMs !== lookingMs) {
      lookingMs = paceMs;
      clearInterval(looks);
      if (paceMs !== null) looks = setInterval(look, paceMs);
    }
    if (paceMs !== null || recorder.closed()) {
      clearTimeout(idle);
      idle = undefined;
    } else idle ??= setTimeout(() => recorder.end("idle"), IDLE_MS);
  }

  function look(): void {
    recorder.look();
    if (recorder.elapsedMs() > MAX_VIEW_MS) {
      recorder.end("destroy"); // a view that long is two
      renew();
    }
    pace();
  }

  function awaitFrame(): void {
    if (!video.requestVideoFrameCallback) return;
    video.cancelVideoFrameCallback(frameRequest);
    frameRequest = video.requestVideoFrameCallback((_, { presentationTime }) => {
      // A still picture may come before the frames move.
      if (!media.paused && !recorder.closed() && !recorder.frame(presentationTime)) awaitFrame();
    });
  }

  function volumeChanged(): void {
    change();
    clearTimeout(volumeTimer);
    const { volume } = media;
    if (!volume || volume === toldVolume) return;
    volumeTimer = setTimeout(() => {
      toldVolume = volume;
      recorder.setting("volume", Math.round(volume * 100) / 100);
    }, VOLUME_SETTLE_MS);
  }

  function visible(): boolean {
    return document.visibilityState === "visible";
  }

  function conditions(): Conditions {
    return { visible: visible(), muted: media.muted || !media.volume, mode: mode() };
  }

  function mode(): Mode {
    const { webkitDisplayingFullscreen } = media as { webkitDisplayingFullscreen?: boolean };
    if (document.pictureInPictureElement === media) return "pip";
    return document.fullscreenElement?.contains(media) || webkitDisplayingFullscreen ? "fullscreen" : "inline";
  }

  function drawsFrames(): boolean {
    return !!video.requestVideoFrameCallback && video.videoHeight > 0 && visible();
  }

  function health(): Health {
    const { dropped, total } = frames();
    return {
      buffer_s: bufferedAhead(media),
      dropped_frames: Math.max(0, dropped - framesBefore.dropped),
      total_frames: Math.max(0, total - framesBefore.total),
      bandwidth_bps: adapter?.bandwidthBps,
    };
  }

  function frames(): { dropped: number; total: number } {
    const quality = video.getVideoPlaybackQuality?.();
    return { dropped: quality?.droppedVideoFrames ?? 0, total: quality?.totalVideoFrames ?? 0 };
  }

  if (!media.paused) start();
  pace();

  return {
    /** Takes an engine's facts from now on. */
    use(next: Adapter): void {
      if (listening.signal.aborted) return;
      adapter = next;
      adapter.connect({
        rendition(rendition) {
          shown = rendition;
          recorder.rendition(rendition);
        },
        error: ({ fatal, code, message }) => recorder.error(fatal, cut(code), cut(message)),
        jump: announceJump,
      });
    },
    announceJump,
    autoplayBlocked(): void {
      recorder.autoplayBlocked();
      pace();
    },
    setting(name: string, value: string | number | boolean): void {
      recorder.setting(cut(name), cut(value));
    },
    /** Begins a new view at once; the current one is not ended, since nobody would read it. */
    restart(): void {
      if (!recorder.closed()) renew();
      pace();
    },
    /** The view is over; the element is no longer listened to. */
    end(reason: EndReason): void {
      recorder.end(reason);
      listening.abort();
      adapter?.disconnect();
      clearTimeout(volumeTimer);
      pace();
    },
  };

  function announceJump(cause: JumpCause): void {
    recorder.announceJump(cause);
  }
}

/** Seconds that can be played on without the network. */
function bufferedAhead({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i++) {
    const aheadS = buffered.end(i) - currentTime;
    if (buffered.start(i) <= currentTime + 0.1 && aheadS > 0) return Math.round(aheadS * 1000) / 1000;
  }
  return 0;
}
