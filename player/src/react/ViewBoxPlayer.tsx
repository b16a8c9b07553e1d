import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import "./player.css";
import "./overlays.css";
import { ControlBar } from "./controls/ControlBar";
import { HelpDialog } from "./controls/HelpDialog";
import { Icon } from "./controls/icons";
import { Overlay } from "./controls/Overlay";
import { useCues } from "./cues";
import { actOnKey, keysAreOn } from "./hotkeys";
import type { ViewBoxPlayerProps } from "./types";
import { useControls } from "./useControls";
import { usePlayback } from "./usePlayback";
import { useSession } from "./useSession";

/** Controls leave the picture alone after this long without a hand or a key. */
const HIDE_MS = 2500;
const DOUBLE_TAP_MS = 300;
const SKIP_NOTE_MS = 700;
const NO_CAPTIONS: never[] = [];

/** A native video element with ViewBox's controls. Reports a view unless `tracking` is false. */
export function ViewBoxPlayer(props: ViewBoxPlayerProps) {
  const { poster, storyboard, chapters, captions = NO_CAPTIONS, title, className = "" } = props;
  const box = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const session = useSession(video, props);
  const playback = usePlayback(video, box);
  const chapterCues = useCues(chapters);
  const storyboardCues = useCues(storyboard);
  const [help, setHelp] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const [shownCaptions, setShownCaptions] = useState(-1);
  const { awake, wake, hide } = useAwake(playback.paused || playback.ended || menuOpen);
  const { note, showSkip } = useSkipNote();
  const onHelp = useCallback(() => setHelp(true), []);
  const controls = useControls({ video, box, session, onHelp, onSkip: showSkip, onCaptions: setShownCaptions });
  const durationS = playback.durationS || (props.durationS ?? 0);

  const { onEnded } = props;
  useEffect(() => {
    if (playback.ended) onEnded?.();
  }, [playback.ended, onEnded]);

  const lastTap = useRef({ ms: 0, side: 0 });
  const byTouch = useRef(false); // `click` and `dblclick` do not say it in every browser
  const tap = (event: PointerEvent<HTMLElement>) => {
    byTouch.current = event.pointerType === "touch";
    if (!byTouch.current) return;
    const area = event.currentTarget.getBoundingClientRect();
    const side = event.clientX < area.left + area.width / 2 ? -1 : 1;
    const double = event.timeStamp - lastTap.current.ms < DOUBLE_TAP_MS && lastTap.current.side === side;
    lastTap.current = { ms: event.timeStamp, side };
    if (double) controls.skip(10 * side);
    else if (awake && playback.started) hide();
    else wake();
  };
  const press = (event: KeyboardEvent) => {
    wake();
    if (event.defaultPrevented || !keysAreOn()) return;
    const onControl = (event.target as HTMLElement).matches("button, input");
    const ownArrows = (event.target as HTMLElement).matches("input") && event.key.startsWith("Arrow");
    if (!ownArrows && actOnKey(event, onControl, controls)) event.preventDefault();
  };

  return (
    <section
      ref={box}
      className={`vb-player ${className}`}
      aria-label={title ? `Video: ${title}` : "Video"}
      tabIndex={-1}
      data-awake={awake}
      data-started={playback.started}
      onKeyDown={press}
      onPointerMove={(event) => event.pointerType !== "touch" && wake()}
      onPointerLeave={(event) => event.pointerType !== "touch" && hide()}
      onFocus={wake}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: captions come as tracks when the video has them */}
      <video
        ref={video}
        poster={poster ?? undefined}
        playsInline
        preload="metadata"
        crossOrigin="anonymous"
        onClick={() => {
          box.current?.focus({ preventScroll: true });
          if (!byTouch.current) controls.togglePlay();
        }}
        onDoubleClick={() => {
          if (!byTouch.current) controls.toggleFullscreen();
        }}
        onPointerUp={tap}
      >
        {captions.map((track) => (
          <track key={track.src} kind="captions" src={track.src} srcLang={track.lang} label={track.label} />
        ))}
      </video>
      <Overlay
        playback={playback}
        session={session}
        onPlay={() => {
          box.current?.focus({ preventScroll: true });
          controls.togglePlay();
        }}
      />
      {note && (
        <span key={note.id} className="vb-skip-note" data-side={note.seconds < 0 ? "left" : "right"} aria-hidden="true">
          <Icon name={note.seconds < 0 ? "back" : "forward"} />
          {Math.abs(note.seconds)} s
        </span>
      )}
      {!session.error && (
        <ControlBar
          video={video}
          playback={playback}
          session={session}
          controls={controls}
          durationS={durationS}
          chapters={chapterCues}
          storyboard={storyboardCues}
          storyboardUrl={storyboard}
          captions={captions}
          shownCaptions={shownCaptions}
          onMenu={setMenuOpen}
        />
      )}
      <HelpDialog open={help} onClose={() => setHelp(false)} />
    </section>
  );
}

/** Whether the controls are shown: after any sign of a person, and always while `pinned`. */
function useAwake(pinned: boolean) {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    setAwake(false);
  }, []);
  const wake = useCallback(() => {
    clearTimeout(timer.current);
    setAwake(true);
    timer.current = setTimeout(() => setAwake(false), HIDE_MS);
  }, []);
  useEffect(() => {
    if (!pinned) wake();
    return () => clearTimeout(timer.current);
  }, [pinned, wake]);
  return { awake: awake || pinned, wake, hide };
}

function useSkipNote() {
  const [note, setNote] = useState<{ id: number; seconds: number } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const showSkip = useCallback((seconds: number) => {
    setNote({ id: performance.now(), seconds });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setNote(null), SKIP_NOTE_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { note, showSkip };
}
