// One source in one element: engine, tracker and handle live and die together.
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import {
  AUTO_LEVEL,
  attachEngine,
  type Engine,
  type EngineError,
  NO_TRACK,
  type QualityLevel,
  type TrackChoice,
} from "../dom/engine";
import type { Attached } from "../dom/tracker";
import { createHandle } from "./handle";
import { prefer, preferences } from "./preferences";
import { rememberPosition, resumeIsOn, resumePosition } from "./resume";
import { playedRanges } from "./seen";
import type { LiveFacts, PlayerHandle, ViewBoxPlayerProps } from "./types";
import { useAtOnce } from "./useAtOnce";
import { useMaster } from "./useMaster";

/** What the engine offers, and what is chosen of it. */
export interface Offer {
  levels: QualityLevel[];
  selectedLevel: number;
  shownLevel: number;
  sounds: TrackChoice[];
  sound: number;
  texts: TrackChoice[];
  /** Shown text, -1 = none. */
  text: number;
}

export interface Session extends Offer {
  handle: PlayerHandle | null;
  selectLevel(index: number): void;
  selectSound(index: number): void;
  /** -1 = none. */
  selectText(index: number): void;
  /** Tells the tracker about a choice: theatre, volume … */
  setting(name: string, value: string | number | boolean): void;
  /** Estimate in bits per second; null where nobody knows. */
  bandwidthBps(): number | null;
  error: EngineError | null;
  /** Starts the same source again, where it failed. */
  retry(): void;
  /** Where the last visit ended and this one began; null = at the beginning. */
  resumedAtS: number | null;
}

type SessionProps = Pick<
  ViewBoxPlayerProps,
  "src" | "masterVersion" | "tracking" | "startS" | "autoPlay" | "resumeKey" | "handle"
> & {
  onFacts: (facts: LiveFacts) => void;
  /** Something shows what the engine offers: until then nobody is told of it. */
  shown: boolean;
};

const NOTHING: Offer = {
  levels: [],
  selectedLevel: AUTO_LEVEL,
  shownLevel: AUTO_LEVEL,
  sounds: [],
  sound: NO_TRACK,
  texts: [],
  text: NO_TRACK,
};
/** How often the resume position is written while playing. */
const REMEMBER_MS = 5000;

export function useSession(video: RefObject<HTMLVideoElement | null>, props: SessionProps): Session {
  const { src, tracking = false, startS, autoPlay = false, resumeKey, handle: given, onFacts, shown } = props;
  const tracker = tracking === false ? null : tracking.tracker;
  const videoId = tracking === false ? null : tracking.videoId;
  const [offer, setOffer] = useState(NOTHING);
  const [error, setError] = useState<EngineError | null>(null);
  const [handle, setHandle] = useState<PlayerHandle | null>(null);
  const [resumedAtS, setResumedAtS] = useState<number | null>(null);
  const [attempt, setAttempt] = useState({ count: 0, atS: null as number | null, playing: false });
  const engine = useRef<Engine | null>(null);
  const attached = useRef<Attached | null>(null);
  const choices = useRef<Wishes>({ tries: 0 });
  const isShown = useRef(shown);

  useAtOnce(() => {
    const media = video.current;
    if (!media || src === null) return;
    const life = new AbortController();
    const on = (type: string, act: () => void) => media.addEventListener(type, act, { signal: life.signal });
    const remembered = resumeKey && startS === undefined && resumeIsOn() ? resumePosition(resumeKey) : 0;
    const firstS = attempt.atS ?? startS ?? remembered;
    let placed = firstS <= 0; // the start position is where it belongs
    let wanted = attempt.playing; // play was asked for before that
    setError(null);
    setOffer(NOTHING);
    setResumedAtS(attempt.atS === null && remembered > 0 ? remembered : null);

    const request = (byItself: boolean) => {
      if (!placed) {
        wanted = true;
        return;
      }
      media.play().catch((reason: unknown) => {
        if (!byItself || !(reason instanceof DOMException) || reason.name !== "NotAllowedError") return;
        if (autoPlay === "muted" && !media.muted) {
          media.muted = true;
          request(true);
          return;
        }
        attached.current?.autoplayBlocked();
      });
    };
    const made = createHandle({
      media,
      attached: () => attached.current,
      play: () => request(false),
      update: onFacts,
    });
    on("loadedmetadata", () => {
      if (!placed) {
        placed = true;
        attached.current?.announceJump("resume"); // a jump before `play`, which nobody waits for
        media.currentTime = Math.min(firstS, media.duration || firstS);
      }
      if (wanted || (autoPlay && attempt.count === 0)) request(!wanted);
      wanted = false;
    });

    const wish = preferences();
    const text = wish.captionsOn ? wish.captions : undefined;
    choices.current = { sound: wish.audio, text, noText: wish.captionsOn === false, tries: 0 };
    const look = () => {
      if (life.signal.aborted || !engine.current) return;
      applyWishes(engine.current, choices.current);
      if (isShown.current) setOffer(offerOf(engine.current));
    };
    const watching = Promise.resolve(tracker).catch(() => null); // who cannot be counted can still watch
    void Promise.all([
      attachEngine(media, src, firstS, { onLevels: look, onTracks: look, onFatal: setError }),
      watching,
    ])
      .then(([attachedEngine, loadedTracker]) => {
        if (life.signal.aborted) {
          attachedEngine.destroy();
          return;
        }
        engine.current = attachedEngine;
        if (loadedTracker && videoId) {
          attached.current = loadedTracker.attach(media, { videoId, adapter: attachedEngine.adapter });
        }
        look();
      })
      .catch((reason: unknown) => setError({ code: "engine", message: String(reason) }));

    let rememberedMs = 0;
    const remember = () => {
      rememberedMs = performance.now();
      if (resumeKey && media.currentTime > 0)
        rememberPosition(resumeKey, media.currentTime, media.duration, playedRanges(media));
    };
    on("timeupdate", () => {
      if (performance.now() - rememberedMs > REMEMBER_MS) remember();
    });
    on("pause", remember);
    addEventListener("pagehide", remember, { signal: life.signal });

    setHandle(made.handle);
    const release = give(given, made.handle);
    return () => {
      life.abort();
      release();
      made.dispose();
      setHandle(null);
      attached.current?.detach("source_change");
      attached.current = null;
      engine.current?.destroy();
      engine.current = null;
    };
  }, [video, src, tracker, videoId, startS, autoPlay, resumeKey, given, onFacts, attempt]);

  useEffect(() => {
    isShown.current = shown;
    if (shown && engine.current) setOffer(offerOf(engine.current));
  }, [shown]);
  useMaster(engine, src, props.masterVersion ?? null);

  const setting = useCallback((name: string, value: string | number | boolean) => {
    attached.current?.setting(name, value);
  }, []);
  const selectLevel = useCallback((index: number) => {
    const level = engine.current?.levels[index];
    engine.current?.select(index);
    attached.current?.setting("quality", level ? `${level.height}p` : "auto");
  }, []);
  const selectSound = useCallback((index: number) => {
    const track = engine.current?.audioTracks[index];
    choices.current.sound = undefined;
    engine.current?.selectAudioTrack(index);
    attached.current?.setting("audio", track?.lang ?? track?.label ?? index);
    if (track?.lang) prefer({ audio: track.lang });
  }, []);
  const selectText = useCallback((index: number) => {
    const track = engine.current?.textTracks[index];
    choices.current = { ...choices.current, text: undefined, noText: index < 0, tries: 0 };
    engine.current?.selectTextTrack(index);
    attached.current?.setting("captions", track ? (track.lang ?? "on") : "off");
    prefer(track ? { captions: track.lang ?? "und", captionsOn: true } : { captionsOn: false });
  }, []);
  const bandwidthBps = useCallback(() => engine.current?.bandwidthBps ?? null, []);
  const retry = useCallback(() => {
    const atS = video.current?.currentTime ?? null;
    setAttempt((before) => ({ count: before.count + 1, atS, playing: true }));
  }, [video]);

  return {
    handle,
    ...offer,
    selectLevel,
    selectSound,
    selectText,
    setting,
    bandwidthBps,
    error,
    retry,
    resumedAtS,
  };
}

function offerOf(engine: Engine): Offer {
  return {
    levels: engine.levels,
    selectedLevel: engine.selected,
    shownLevel: engine.shown,
    sounds: engine.audioTracks,
    sound: engine.audioTrack,
    texts: engine.textTracks,
    text: engine.textTrack,
  };
}

/** Languages that were chosen on an earlier visit; a choice by hand takes their place. */
interface Wishes {
  sound?: string;
  text?: string;
  /** Captions were switched off: those that begin by themselves do not. */
  noText?: boolean;
  tries: number;
}

/** An engine goes through its tracks as they come and may put its own first: it is told again, but not for ever. */
const MOST_TRIES = 10;

function applyWishes(engine: Engine, wishes: Wishes): void {
  if (wishes.tries >= MOST_TRIES) return;
  const sound = sameLanguage(engine.audioTracks, wishes.sound);
  const text = sameLanguage(engine.textTracks, wishes.text);
  const unwanted = wishes.noText === true && engine.textTrack !== NO_TRACK;
  const differs = (sound && sound.index !== engine.audioTrack) || (text && text.index !== engine.textTrack);
  if (!differs && !unwanted) return;
  wishes.tries += 1;
  if (sound && sound.index !== engine.audioTrack) engine.selectAudioTrack(sound.index);
  if (text && text.index !== engine.textTrack) engine.selectTextTrack(text.index);
  if (unwanted) engine.selectTextTrack(NO_TRACK);
}

/** The track in a language, its regions included; undefined without a wish. */
export function sameLanguage(tracks: readonly TrackChoice[], wanted: string | undefined): TrackChoice | undefined {
  if (!wanted) return undefined;
  const base = (lang: string | null) => (lang ?? "und").toLowerCase().split("-")[0];
  return tracks.find(({ lang }) => lang === wanted) ?? tracks.find(({ lang }) => base(lang) === base(wanted));
}

function give(ref: ViewBoxPlayerProps["handle"], value: PlayerHandle): () => void {
  if (typeof ref === "function") {
    const cleanup = ref(value);
    return typeof cleanup === "function" ? cleanup : () => void ref(null);
  }
  if (!ref) return () => undefined;
  ref.current = value;
  return () => {
    ref.current = null;
  };
}
