// Listens to one media element for one source and keeps a recorder per view. State comes from the media, not from clicks.
import type { Clock } from "../core/clock";
import type { EndReason, Health, JumpCause, Mode, Rendition, ViewEvent } from "../core/events";
import type { Conditions } from "../core/media_state";
import { seconds } from "../core/numbers";
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
}

type Frames = [dropped: number, total: number];

export type Observation = ReturnType<typeof observe>;

export function observe(media: HTMLMediaElement, { clock, begin }: ObservationOptions) {
  const video = media as HTMLVideoElement;
  const listening = new AbortController();
  let adapter: Adapter | null = null;
  let shown: Rendition | null = null;
  let looks: ReturnType<typeof setInterval> | undefined;
  let lookingMs = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let volumeTimer: ReturnType<typeof setTimeout> | undefined;
  let toldVolume = 1;
  let frameRequest = 0;
  let framesBefore: Frames;
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
  on(media, "play", ({ timeStamp }) => {
    goOn();
    start(timeStamp); // when it was asked for, which a busy page hears later
  });
  on(media, "seeking", () => {
    goOn();
    recorder.seeking();
  });
  on(media, "pause ended seeked ratechange", ({ type }) => recorder[type as "pause"]());
  on(media, "timeupdate playing waiting stalled", () => recorder.look());
  on(media, "volumechange", volumeChanged);
  on(media, "enterpictureinpicture leavepictureinpicture webkitbeginfullscreen webkitendfullscreen", change);
  on(document, "fullscreenchange visibilitychange", change);
  on(window, "pagehide", () => recorder.end("unload"));
  on(window, "pageshow", goOn); // back from the back/forward cache

  function start(atMs?: number): void {
    recorder.play(atMs);
    awaitFrame();
  }

  /** What is over does not go on: a new view begins. */
  function goOn(): void {
    if (recorder.closed()) renew();
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
      if (paceMs) looks = setInterval(look, paceMs);
    }
    if (paceMs || recorder.closed()) {
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

  function conditions(): Conditions {
    return { visible: !document.hidden, muted: media.muted || !media.volume, mode: mode() };
  }

  function mode(): Mode {
    const { webkitDisplayingFullscreen } = media as { webkitDisplayingFullscreen?: boolean };
    if (document.pictureInPictureElement === media) return "pip";
    return document.fullscreenElement?.contains(media) || webkitDisplayingFullscreen ? "fullscreen" : "inline";
  }

  function drawsFrames(): boolean {
    return !!video.requestVideoFrameCallback && video.videoHeight > 0 && !document.hidden;
  }

  function health(): Health {
    const [dropped, total] = frames();
    return {
      buffer_s: bufferedAhead(media),
      dropped_frames: Math.max(0, dropped - framesBefore[0]),
      total_frames: Math.max(0, total - framesBefore[1]),
      bandwidth_bps: adapter?.bandwidthBps,
    };
  }

  function frames(): Frames {
    const quality = video.getVideoPlaybackQuality?.();
    return [quality?.droppedVideoFrames ?? 0, quality?.totalVideoFrames ?? 0];
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
        error: (error) => recorder.error(error),
        jump: (cause) => recorder.announceJump(cause),
      });
    },
    announceJump: (cause: JumpCause) => recorder.announceJump(cause),
    autoplayBlocked(): void {
      recorder.autoplayBlocked();
      pace();
    },
    setting(name: string, value: string | number | boolean): void {
      recorder.setting(name, value);
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
}

/** Seconds that can be played on without the network. */
function bufferedAhead({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = buffered.length; i--; ) {
    if (buffered.start(i) <= currentTime + 0.1) return seconds(buffered.end(i) - currentTime); // else it is further on
  }
  return 0;
}
