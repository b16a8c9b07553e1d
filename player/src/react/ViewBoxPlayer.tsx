import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import "./player.css";
import "./overlays.css";
import { ControlBar, type MenuPage } from "./controls/ControlBar";
import { Icon } from "./controls/icons";
import { Overlay } from "./controls/Overlay";
import { useCues } from "./cues";
import { useDevice } from "./device/useDevice";
import { actOnKey, keysAreOn } from "./hotkeys";
import { useLanguage, WordsProvider } from "./i18n/useWords";
import { type CaptionStyle, preferences } from "./preferences";
import type { CaptionTrack, ViewBoxPlayerProps } from "./types";
import { useAtOnce } from "./useAtOnce";
import { useAwake } from "./useAwake";
import { useControls } from "./useControls";
import { useFacts } from "./useFacts";
import { useFurnished } from "./useFurnished";
import { useGestures } from "./useGestures";
import { useJumpNote } from "./useJumpNote";
import { useModule } from "./useModule";
import { usePlayback } from "./usePlayback";
import { useSeen } from "./useSeen";
import { useSession } from "./useSession";
import { useSettled } from "./useSettled";

const loadMenus = () => import("./menus");
const loadLater = () => import("./later");
const NO_CAPTIONS: CaptionTrack[] = [];
/** Below this the bar leaves out what the menu offers too; player.css has the same number. */
const NARROW_PX = 560;

/** A native video element with ViewBox's controls. Reports a view unless `tracking` is false. */
export function ViewBoxPlayer(props: ViewBoxPlayerProps) {
  const { src, poster, storyboard, captions = NO_CAPTIONS, title, next, theatre = false, className = "" } = props;
  const box = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const words = useLanguage(props.lang);
  const { m } = words;
  const [facts, onFacts] = useFacts(props);
  const [furnished, furnish] = useFurnished(video);
  const session = useSession(video, { ...props, onFacts, shown: furnished });
  const playback = usePlayback(video, box);
  const chapters = useCues(furnished ? props.chapters : null);
  const storyboardCues = useCues(furnished ? storyboard : null);
  const durationS = playback.durationS || (props.durationS ?? 0);
  const seen = useSeen(video, props.resumeKey, playback);

  const [help, setHelp] = useState(false);
  const [stats, setStats] = useState(false);
  const [menu, setMenu] = useState<{ opener: MenuPage; page: MenuPage } | null>(null);
  const [held, setHeld] = useState<number | null>(null);
  const [noNext, setNoNext] = useState(false);
  const [cueStyle, setCueStyle] = useState<CaptionStyle>();
  const closeAll = useCallback(() => {
    setMenu(null);
    setHelp(false);
    setStats(false);
  }, []);
  const [menus, approach] = useModule(loadMenus, menu !== null || help || stats, closeAll);
  const [later] = useModule(loadLater, furnished || facts.preparing !== null);
  const { awake, wake: show, hide } = useAwake(playback.paused || playback.ended || menu !== null);
  const wake = () => {
    furnish();
    show();
  };
  const { jump, showJump } = useJumpNote();
  const onHelp = useCallback(() => setHelp(true), []);
  const { onTheatre } = props;
  const controls = useControls({ video, box, session, theatre, onTheatre, onHelp, onSkip: showJump });
  const gestures = useGestures(video, {
    onTap: () => {
      if (!playback.started && src)
        controls.togglePlay(); // the whole poster is the button
      else if (awake) hide();
      else wake();
    },
    onJump: controls.skip,
    onHold: setHeld,
  });

  const remote = useDevice(later, video, {
    title,
    poster,
    onNext: next?.onPlay,
    handle: session.handle,
    started: playback.started,
    moving: !playback.paused && !playback.ended && !playback.pip,
  });
  useAtOnce(() => {
    const { volume, muted, captionStyle } = preferences();
    setCueStyle(captionStyle);
    if (video.current && volume !== undefined) video.current.volume = volume;
    if (video.current && muted !== undefined) video.current.muted = muted;
  }, []);
  const { onEnded } = props;
  useEffect(() => {
    if (playback.ended) onEnded?.();
    else setNoNext(false);
  }, [playback.ended, onEnded]);

  const closeMenu = useCallback((refocus: boolean) => {
    setMenu(null);
    if (!refocus) return;
    box.current?.querySelector<HTMLElement>("[data-menu][aria-expanded=true]")?.focus();
  }, []);
  const press = (event: KeyboardEvent) => {
    wake();
    if (event.defaultPrevented || props.hotkeys === false || !keysAreOn()) return;
    const target = event.target as HTMLElement;
    const onControl = target.matches("button, input, a");
    const ownKeys = target.matches("input") && /^(Arrow|Home|End|Page)/.test(event.key);
    if (!ownKeys && actOnKey(event, onControl, controls)) event.preventDefault();
  };
  const timeline = {
    durationS,
    settled: useSettled(durationS, playback.pictured),
    chapters,
    storyboard: storyboardCues,
    storyboardUrl: storyboard,
    heat: facts.heat,
    retention: facts.retention,
    seen,
  };
  const soundWaits = props.autoPlay === "muted" && playback.started && playback.muted && !preferences().muted;

  return (
    <WordsProvider value={words}>
      <section
        ref={box}
        className={`vb-player ${className}`}
        lang={words.tag}
        dir={words.dir}
        aria-label={title ? m.videoNamed(title) : m.video}
        tabIndex={-1}
        data-awake={awake}
        data-started={playback.started}
        style={later && cueStyle ? later.captionProperties(cueStyle) : undefined}
        onKeyDown={press}
        onPointerMove={(event) => event.pointerType !== "touch" && wake()}
        onPointerLeave={(event) => event.pointerType !== "touch" && hide()}
        onFocus={wake}
      >
        <video
          ref={video}
          poster={poster ?? undefined}
          playsInline
          preload="metadata"
          crossOrigin="anonymous"
          {...gestures.handlers}
          onClick={() => {
            box.current?.focus({ preventScroll: true });
            if (!gestures.byTouch.current && src) controls.togglePlay();
          }}
          onDoubleClick={() => {
            if (!gestures.byTouch.current && src) controls.toggleFullscreen();
          }}
        >
          {captions.map((track) => (
            <track key={track.src} kind="captions" src={track.src} srcLang={track.lang} label={track.label} />
          ))}
        </video>
        {src ? (
          <Overlay
            playback={playback}
            session={session}
            onPlay={() => {
              box.current?.focus({ preventScroll: true });
              controls.togglePlay();
            }}
          />
        ) : (
          later && facts.preparing && <later.PreparingCard preparing={facts.preparing} />
        )}
        {src && !session.error && (
          <>
            {later && (
              <>
                <later.Facts watching={facts.watching} preparing={facts.preparing} />
                {jump && <later.JumpNote jump={jump} />}
                {held !== null && <later.HoldNote rate={held} />}
                {session.resumedAtS !== null && <later.ResumedNote atS={session.resumedAtS} session={session} />}
                <later.SkipOffer
                  chapters={chapters}
                  suggested={facts.skips}
                  positionS={playback.positionS}
                  started={playback.started}
                  onSkip={({ toS }) => controls.seek(toS, "skip")}
                />
                {playback.ended && next && !noNext && <later.NextUp next={next} onCancel={() => setNoNext(true)} />}
              </>
            )}
            {soundWaits && (
              <button type="button" className="vb-skip" data-sound onClick={controls.toggleMute}>
                <Icon name="muted" />
                {m.tapForSound}
              </button>
            )}
            {furnished && (
              <ControlBar
                video={video}
                playback={playback}
                session={session}
                controls={controls}
                timeline={timeline}
                remote={remote}
                theatre={onTheatre ? theatre : null}
                menu={menu?.opener ?? null}
                onMenu={(page) => setMenu((open) => (open?.opener === page ? null : { opener: page, page }))}
                onApproach={approach}
              />
            )}
          </>
        )}
        {menus && menu && (
          <menus.MenuPanel
            {...menu}
            parts={{
              session,
              controls,
              playback,
              timeline,
              remote,
              shareUrl: props.shareUrl,
              onStats: () => setStats((shown) => !shown),
              narrow: (box.current?.clientWidth ?? 0) <= NARROW_PX,
            }}
            onPage={(page) => setMenu({ ...menu, page })}
            onClose={closeMenu}
            onCaptionStyle={setCueStyle}
          />
        )}
        {menus && stats && <menus.Stats video={video} session={session} src={src} onClose={() => setStats(false)} />}
        {menus && help && <menus.HelpDialog onClose={() => setHelp(false)} />}
        {later && <later.Announcer started={playback.started} status={{ ...playback, captions: session.text >= 0 }} />}
      </section>
    </WordsProvider>
  );
}
