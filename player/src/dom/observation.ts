// Listens to one media element for one source and keeps a recorder per view. State comes from the media, not from clicks.
import type { Clock } from "../core/clock";
import type { EndReason, Health, JumpCause, Mode, Rendition, ViewEvent } from "../core/events";
import type { MediaState } from "../core/media_state";
import { Recorder } from "../core/recorder";
import type { Adapter } from "./adapter";

const IDLE_MS = 60 * 60_000;
const MAX_VIEW_MS = 12 * 3_600_000;
/** Dragging a volume slider is one setting. */
const VOLUME_SETTLE_MS = 500;

export interface ObservationOptions {
  clock: Clock;
  adapter: Adapter;
  /** A new view begins: makes its identity and returns where its events go. */
  begin: () => (event: ViewEvent) => void;
  /** The duration became known. */
  durationKnown: () => void;
}

export class Observation {
  readonly #media: HTMLMediaElement;
  readonly #o: ObservationOptions;
  readonly #listening = new AbortController();
  #recorder: Recorder;
  #rendition: Rendition | null = null;
  #looks: ReturnType<typeof setInterval> | undefined;
  #paceMs: number | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #volume: ReturnType<typeof setTimeout> | undefined;
  #frameRequest: number | null = null;
  #framesBefore = { dropped: 0, total: 0 };

  constructor(media: HTMLMediaElement, options: ObservationOptions) {
    this.#media = media;
    this.#o = options;
    this.#recorder = this.#newRecorder();
    this.#listen();
    options.adapter.connect({
      rendition: (rendition) => {
        this.#rendition = rendition;
        this.#recorder.rendition(rendition);
      },
      error: ({ fatal, code, message }) => this.#recorder.error(fatal, code, message),
      jump: (cause) => this.#recorder.announceJump(cause),
    });
    if (!media.paused) this.#play();
  }

  announceJump(cause: JumpCause): void {
    this.#recorder.announceJump(cause);
  }

  autoplayBlocked(): void {
    this.#recorder.autoplayBlocked();
    this.#pace();
  }

  setting(name: string, value: string | number | boolean): void {
    this.#recorder.setting(name, value);
  }

  /** Begins a new view at once; the current one is not ended, since nobody would read it. */
  restart(): void {
    if (!this.#recorder.closed) this.#renew();
    this.#pace();
  }

  /** The view is over; the element is no longer listened to. */
  end(reason: EndReason): void {
    this.#recorder.end(reason);
    this.#listening.abort();
    this.#o.adapter.disconnect();
    this.#pace();
    clearTimeout(this.#volume);
  }

  #newRecorder(): Recorder {
    this.#framesBefore = this.#frames();
    return new Recorder({
      clock: this.#o.clock,
      read: () => this.#read(),
      health: () => this.#health(),
      conditions: { visible: document.visibilityState === "visible", muted: this.#muted(), mode: this.#mode() },
      emit: this.#o.begin(),
    });
  }

  #listen(): void {
    const { signal } = this.#listening;
    const on = (target: EventTarget, type: string, act: () => void) =>
      target.addEventListener(
        type,
        () => {
          act();
          this.#pace();
        },
        { signal, capture: true }, // before the tracker's farewell
      );
    const media = this.#media;
    on(media, "play", () => this.#play());
    on(media, "pause", () => this.#recorder.pause());
    on(media, "ended", () => this.#recorder.ended());
    on(media, "seeking", () => {
      if (this.#recorder.closed) this.#renew();
      this.#recorder.seeking();
    });
    on(media, "seeked", () => this.#recorder.seeked());
    on(media, "ratechange", () => this.#recorder.rateChanged());
    for (const type of ["timeupdate", "playing", "waiting", "stalled"]) on(media, type, () => this.#recorder.look());
    on(media, "durationchange", () => this.#o.durationKnown());
    on(media, "volumechange", () => this.#volumeChanged());
    for (const type of [
      "enterpictureinpicture",
      "leavepictureinpicture",
      "webkitbeginfullscreen",
      "webkitendfullscreen",
    ])
      on(media, type, () => this.#recorder.change({ mode: this.#mode() }));
    on(document, "fullscreenchange", () => this.#recorder.change({ mode: this.#mode() }));
    on(document, "visibilitychange", () => this.#recorder.change({ visible: document.visibilityState === "visible" }));
    on(window, "pagehide", () => this.#recorder.end("unload"));
    on(window, "pageshow", () => {
      if (this.#recorder.closed) this.#renew(); // back from the back/forward cache
    });
  }

  #play(): void {
    if (this.#recorder.closed) this.#renew();
    this.#recorder.play();
    this.#awaitFrame();
    this.#pace();
  }

  #renew(): void {
    const playing = !this.#media.paused;
    this.#recorder = this.#newRecorder();
    if (this.#rendition) this.#recorder.rendition({ ...this.#rendition, cause: null });
    if (playing) {
      this.#recorder.play();
      this.#awaitFrame();
    }
  }

  /** Looks as often as the recorder needs it; the idle timer runs only while nothing does. */
  #pace(): void {
    const paceMs = this.#recorder.paceMs;
    if (paceMs !== this.#paceMs) {
      clearInterval(this.#looks);
      this.#paceMs = paceMs;
      if (paceMs !== null) this.#looks = setInterval(() => this.#look(), paceMs);
    }
    const resting = paceMs === null && !this.#recorder.closed;
    if (resting && this.#idle === undefined) {
      this.#idle = setTimeout(() => {
        this.#idle = undefined;
        this.#recorder.end("idle");
      }, IDLE_MS);
    }
    if (!resting && this.#idle !== undefined) {
      clearTimeout(this.#idle);
      this.#idle = undefined;
    }
  }

  #look(): void {
    this.#recorder.look();
    if (this.#recorder.elapsedMs > MAX_VIEW_MS) {
      this.#recorder.end("destroy"); // a view that long is two
      this.#renew();
    }
    this.#pace();
  }

  #awaitFrame(): void {
    const media = this.#media;
    if (!(media instanceof HTMLVideoElement) || !("requestVideoFrameCallback" in media)) return;
    if (this.#frameRequest !== null) media.cancelVideoFrameCallback(this.#frameRequest);
    const request = () => {
      this.#frameRequest = media.requestVideoFrameCallback((ms) => {
        this.#frameRequest = null;
        if (media.paused || this.#recorder.closed) return;
        if (!this.#recorder.frame(ms)) request(); // a still picture before the frames move
      });
    };
    request();
  }

  #volumeChanged(): void {
    this.#recorder.change({ muted: this.#muted() });
    clearTimeout(this.#volume);
    if (this.#media.volume === 0 || this.#media.volume === this.#toldVolume) return;
    this.#volume = setTimeout(() => {
      this.#toldVolume = this.#media.volume;
      this.#recorder.setting("volume", Math.round(this.#media.volume * 100) / 100);
    }, VOLUME_SETTLE_MS);
  }

  #toldVolume = 1;

  #read(): MediaState {
    const media = this.#media;
    return {
      positionS: media.currentTime,
      durationS: Number.isFinite(media.duration) ? media.duration : null,
      paused: media.paused,
      ended: media.ended,
      seeking: media.seeking,
      loop: media.loop,
      rate: media.playbackRate,
      canMove: media.readyState >= media.HAVE_FUTURE_DATA,
      drawsFrames: drawsFrames(media),
    };
  }

  #health(): Health {
    const frames = this.#frames();
    return {
      buffer_s: bufferedAhead(this.#media),
      dropped_frames: Math.max(0, frames.dropped - this.#framesBefore.dropped),
      total_frames: Math.max(0, frames.total - this.#framesBefore.total),
      bandwidth_bps: this.#o.adapter.bandwidthBps,
    };
  }

  #frames(): { dropped: number; total: number } {
    const media = this.#media as Partial<HTMLVideoElement>;
    const quality = media.getVideoPlaybackQuality?.call(this.#media);
    return { dropped: quality?.droppedVideoFrames ?? 0, total: quality?.totalVideoFrames ?? 0 };
  }

  #muted(): boolean {
    return this.#media.muted || this.#media.volume === 0;
  }

  #mode(): Mode {
    const media = this.#media as HTMLMediaElement & { webkitDisplayingFullscreen?: boolean };
    if (document.pictureInPictureElement === media) return "pip";
    const full = document.fullscreenElement;
    if (full && (full === media || full.contains(media))) return "fullscreen";
    return media.webkitDisplayingFullscreen ? "fullscreen" : "inline";
  }
}

function drawsFrames(media: HTMLMediaElement): boolean {
  const video = media as Partial<HTMLVideoElement>;
  return Boolean(video.requestVideoFrameCallback && video.videoHeight) && document.visibilityState === "visible";
}

/** Seconds that can be played on without the network. */
function bufferedAhead(media: HTMLMediaElement): number {
  const { buffered, currentTime } = media;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > currentTime)
      return Math.round((buffered.end(i) - currentTime) * 1000) / 1000;
  }
  return 0;
}
