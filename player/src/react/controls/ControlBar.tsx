import { type RefObject, useEffect, useState } from "react";
import type { Remote } from "../device/remote";
import { useWords } from "../i18n/useWords";
import type { Controls } from "../useControls";
import type { Playback } from "../usePlayback";
import type { Session } from "../useSession";
import { Icon, type IconName } from "./icons";
import { Scrubber, type Timeline } from "./Scrubber";

/** Pages of the menu, which comes when it is opened first. */
export type MenuPage = "settings" | "quality" | "speed" | "audio" | "captions" | "captionStyle" | "chapters" | "share";

export interface ControlBarProps {
  video: RefObject<HTMLVideoElement | null>;
  playback: Playback;
  session: Session;
  controls: Controls;
  timeline: Timeline;
  remote: Remote | null;
  /** Null: the host has no theatre. */
  theatre: boolean | null;
  menu: MenuPage | null;
  /** Opens a page, or closes the menu if it was opened by the same button. */
  onMenu: (page: MenuPage) => void;
  /** The menu will probably be wanted. */
  onApproach: () => void;
}

export function ControlBar(props: ControlBarProps) {
  const { video, playback, session, controls, timeline, remote, theatre, menu, onMenu, onApproach } = props;
  const { durationS, settled, chapters } = timeline;
  const { m, clock, percent, rate, spoken, count } = useWords();
  const [pip, setPip] = useState(false);
  useEffect(() => setPip(document.pictureInPictureEnabled === true), []);
  const quiet = playback.muted || playback.volume === 0;
  const playLabel = playback.ended ? m.playAgain : playback.paused ? m.play : m.pause;
  const soundLabel = quiet ? m.soundOn : m.soundOff;
  const opens = (page: MenuPage) => ({
    "aria-haspopup": "true" as const,
    "aria-expanded": menu === page,
    "data-menu": page,
    onPointerEnter: onApproach,
    onFocus: onApproach,
    onClick: () => onMenu(page),
  });

  return (
    <div className="vb-bar" dir="ltr">
      <Scrubber
        video={video}
        handle={session.handle}
        positionS={playback.positionS}
        timeline={timeline}
        onSeek={(toS) => controls.seek(toS)}
        onStep={controls.skip}
      />
      <div className="vb-buttons">
        <Button
          icon={playback.ended ? "replay" : playback.paused ? "play" : "pause"}
          label={playLabel}
          hotkey="k"
          onClick={controls.togglePlay}
        />
        <Button icon="back" label={m.secondsBack(count(10))} hotkey="j" wide onClick={() => controls.skip(-10)} />
        <Button icon="forward" label={m.secondsOn(count(10))} hotkey="l" wide onClick={() => controls.skip(10)} />
        <div className="vb-volume">
          <Button icon={quiet ? "muted" : "volume"} label={soundLabel} hotkey="m" onClick={controls.toggleMute} />
          <input
            className="vb-wide"
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={quiet ? 0 : playback.volume}
            aria-label={m.volume}
            aria-valuetext={percent(quiet ? 0 : playback.volume)}
            onChange={(event) => controls.setVolume(Number(event.target.value))}
          />
        </div>
        <span
          className="vb-time"
          role="timer"
          aria-label={
            settled && durationS > 0 ? m.positionOf(spoken(playback.positionS), spoken(durationS)) : undefined
          }
        >
          {clock(playback.positionS)} <span>/ {clock(durationS)}</span>
        </span>
        <span className="vb-space" />
        {chapters.length > 1 && <Button icon="chapters" label={m.chapters} wide {...opens("chapters")} />}
        {session.texts.length > 0 && (
          <Button
            icon="captions"
            label={m.captions}
            hotkey="c"
            aria-pressed={session.text >= 0}
            onClick={controls.toggleCaptions}
          />
        )}
        <button
          type="button"
          className="vb-button vb-wide vb-text-face"
          aria-label={m.speedIs(rate(playback.rate))}
          title={m.speedIs(rate(playback.rate))}
          {...opens("speed")}
        >
          {rate(playback.rate)}
        </button>
        <Button icon="settings" label={m.settings} {...opens("settings")} />
        {remote && (
          <Button
            icon={remote.kind}
            label={remote.kind === "airplay" ? m.airplay : m.remote}
            wide
            aria-pressed={remote.connected}
            onClick={remote.choose}
          />
        )}
        {pip && (
          <Button icon="pip" label={m.pip} hotkey="i" wide aria-pressed={playback.pip} onClick={controls.togglePip} />
        )}
        {theatre !== null && !playback.fullscreen && (
          <Button
            icon="theatre"
            label={m.theatre}
            hotkey="t"
            wide
            aria-pressed={theatre}
            onClick={controls.toggleTheatre}
          />
        )}
        <Button
          icon={playback.fullscreen ? "leaveFull" : "enterFull"}
          label={playback.fullscreen ? m.leaveFullscreen : m.fullscreen}
          hotkey="f"
          onClick={controls.toggleFullscreen}
        />
      </div>
    </div>
  );
}

interface ButtonProps extends React.ComponentProps<"button"> {
  icon: IconName;
  label: string;
  hotkey?: string;
  /** Left out where there is little room; it is in the menu, or a gesture does it. */
  wide?: boolean;
}

function Button({ icon, label, hotkey, wide, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={wide ? "vb-button vb-wide" : "vb-button"}
      aria-label={label}
      title={hotkey ? `${label} (${hotkey})` : label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
