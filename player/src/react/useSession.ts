// One source in one element: engine, tracker and handle live and die together.
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { AUTO_LEVEL, attachEngine, type Engine, type EngineError, type QualityLevel } from "../dom/engine";
import type { Attached } from "../dom/tracker";
import { createHandle } from "./handle";
import { rememberPosition, resumeIsOn, resumePosition } from "./resume";
import type { PlayerHandle, ViewBoxPlayerProps } from "./types";

export interface Session {
  handle: PlayerHandle | null;
  levels: QualityLevel[];
  selectedLevel: number;
  shownLevel: number;
  selectLevel(index: number): void;
  /** Tells the tracker about a choice: captions, theatre … */
  setting(name: string, value: string | number | boolean): void;
  error: EngineError | null;
  /** Starts the same source again, where it failed. */
  retry(): void;
  /** Where the last visit ended and this one began; null = at the beginning. */
  resumedAtS: number | null;
}

type SessionProps = Pick<ViewBoxPlayerProps, "src" | "tracking" | "startS" | "autoPlay" | "resumeKey" | "handle">;

const NO_LEVELS: { levels: QualityLevel[]; selectedLevel: number; shownLevel: number } = {
  levels: [],
  selectedLevel: AUTO_LEVEL,
  shownLevel: AUTO_LEVEL,
};
/** How often the resume position is written while playing. */
const REMEMBER_MS = 5000;

export function useSession(video: RefObject<HTMLVideoElement | null>, props: SessionProps): Session {
  const { src, tracking = false, startS, autoPlay = false, resumeKey, handle: given } = props;
  const tracker = tracking === false ? null : tracking.tracker;
  const videoId = tracking === false ? null : tracking.videoId;
  const [quality, setQuality] = useState(NO_LEVELS);
  const [error, setError] = useState<EngineError | null>(null);
  const [handle, setHandle] = useState<PlayerHandle | null>(null);
  const [resumedAtS, setResumedAtS] = useState<number | null>(null);
  const [attempt, setAttempt] = useState({ count: 0, atS: null as number | null, playing: false });
  const engine = useRef<Engine | null>(null);
  const attached = useRef<Attached | null>(null);

  useEffect(() => {
    const media = video.current;
    if (!media) return;
    const life = new AbortController();
    const on = (type: string, act: () => void) => media.addEventListener(type, act, { signal: life.signal });
    const remembered = resumeKey && startS === undefined && resumeIsOn() ? resumePosition(resumeKey) : 0;
    const firstS = attempt.atS ?? startS ?? remembered;
    let placed = firstS <= 0; // the start position is where it belongs
    let wanted = attempt.playing; // play was asked for before that
    setError(null);
    setQuality(NO_LEVELS);
    setResumedAtS(attempt.atS === null && remembered > 0 ? remembered : null);

    const request = (byItself: boolean) => {
      if (!placed) {
        wanted = true;
        return;
      }
      media.play().catch((reason: unknown) => {
        const refused = reason instanceof DOMException && reason.name === "NotAllowedError";
        if (byItself && refused) attached.current?.autoplayBlocked();
      });
    };
    const made = createHandle({ media, attached: () => attached.current, play: () => request(false) });
    on("loadedmetadata", () => {
      if (!placed) {
        placed = true;
        attached.current?.announceJump("resume"); // a jump before `play`, which nobody waits for
        media.currentTime = Math.min(firstS, media.duration || firstS);
      }
      if (wanted || (autoPlay && attempt.count === 0)) request(!wanted);
      wanted = false;
    });

    void attachEngine(media, src, firstS, {
      onLevels: () => {
        const { current } = engine;
        if (current) setQuality({ levels: current.levels, selectedLevel: current.selected, shownLevel: current.shown });
      },
      onFatal: setError,
    })
      .then((attachedEngine) => {
        if (life.signal.aborted) {
          attachedEngine.destroy();
          return;
        }
        engine.current = attachedEngine;
        if (tracker && videoId) attached.current = tracker.attach(media, { videoId, adapter: attachedEngine.adapter });
      })
      .catch((reason: unknown) => setError({ code: "engine", message: String(reason) }));

    let rememberedMs = 0;
    const remember = () => {
      rememberedMs = performance.now();
      if (resumeKey && media.currentTime > 0) rememberPosition(resumeKey, media.currentTime, media.duration);
    };
    on("timeupdate", () => {
      if (performance.now() - rememberedMs > REMEMBER_MS) remember();
    });
    on("pause", remember);

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
  }, [video, src, tracker, videoId, startS, autoPlay, resumeKey, given, attempt]);

  const selectLevel = useCallback((index: number) => {
    const level = engine.current?.levels[index];
    engine.current?.select(index);
    attached.current?.setting("quality", level ? `${level.height}p` : "auto");
  }, []);
  const setting = useCallback((name: string, value: string | number | boolean) => {
    attached.current?.setting(name, value);
  }, []);
  const retry = useCallback(() => {
    const atS = video.current?.currentTime ?? null;
    setAttempt((before) => ({ count: before.count + 1, atS, playing: true }));
  }, [video]);

  return { handle, ...quality, selectLevel, setting, error, retry, resumedAtS };
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
