import { type RefObject, useState } from "react";
import { AUTO_LEVEL } from "../../dom/engine";
import type { Cue } from "../cues";
import { clockText, rateText, spokenTime } from "../format";
import type { CaptionTrack } from "../types";
import { type Controls, RATES } from "../useControls";
import type { Playback } from "../usePlayback";
import type { Session } from "../useSession";
import { Icon } from "./icons";
import { Menu, type MenuOption } from "./Menu";
import { Scrubber } from "./Scrubber";

interface ControlBarProps {
  video: RefObject<HTMLVideoElement | null>;
  playback: Playback;
  session: Session;
  controls: Controls;
  durationS: number;
  chapters: Cue[];
  storyboard: Cue[];
  storyboardUrl: string | null | undefined;
  captions: CaptionTrack[];
  shownCaptions: number;
  /** An open menu keeps the bar from hiding. */
  onMenu: (open: boolean) => void;
}

export function ControlBar(props: ControlBarProps) {
  const { video, playback, session, controls, durationS, chapters, storyboard, storyboardUrl, captions } = props;
  const [menu, setMenu] = useState<string | null>(null);
  const open = (name: string) => (isOpen: boolean) => {
    setMenu(isOpen ? name : null);
    props.onMenu(isOpen);
  };
  const quiet = playback.muted || playback.volume === 0;
  const playLabel = playback.ended ? "Play again" : playback.paused ? "Play" : "Pause";

  return (
    <div className="vb-bar">
      <Scrubber
        video={video}
        handle={session.handle}
        positionS={playback.positionS}
        durationS={durationS}
        chapters={chapters}
        storyboard={storyboard}
        storyboardUrl={storyboardUrl}
        onSeek={(toS) => controls.seek(toS)}
      />
      <div className="vb-buttons">
        <button
          type="button"
          className="vb-button"
          aria-label={playLabel}
          title={`${playLabel} (k)`}
          onClick={controls.togglePlay}
        >
          <Icon name={playback.ended ? "replay" : playback.paused ? "play" : "pause"} />
        </button>
        <button
          type="button"
          className="vb-button vb-wide"
          aria-label="10 seconds back"
          title="10 seconds back (j)"
          onClick={() => controls.skip(-10)}
        >
          <Icon name="back" />
        </button>
        <button
          type="button"
          className="vb-button vb-wide"
          aria-label="10 seconds on"
          title="10 seconds on (l)"
          onClick={() => controls.skip(10)}
        >
          <Icon name="forward" />
        </button>
        <div className="vb-volume">
          <button
            type="button"
            className="vb-button"
            aria-label={quiet ? "Sound on" : "Sound off"}
            title={`${quiet ? "Sound on" : "Sound off"} (m)`}
            onClick={controls.toggleMute}
          >
            <Icon name={quiet ? "muted" : "volume"} />
          </button>
          <input
            className="vb-wide"
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={quiet ? 0 : playback.volume}
            aria-label="Volume"
            aria-valuetext={`${Math.round((quiet ? 0 : playback.volume) * 100)} %`}
            onChange={(event) => controls.setVolume(Number(event.target.value))}
          />
        </div>
        <span
          className="vb-time"
          role="timer"
          aria-label={`${spokenTime(playback.positionS)} of ${spokenTime(durationS)}`}
        >
          {clockText(playback.positionS)} <span>/ {clockText(durationS)}</span>
        </span>
        <span className="vb-space" />
        {chapters.length > 1 && (
          <Menu
            label="Chapters"
            face={<Icon name="chapters" />}
            options={chapters.map(({ startS, text }) => ({ value: startS, label: text, note: clockText(startS) }))}
            chosen={chapters.findLast((each) => each.startS <= playback.positionS)?.startS ?? 0}
            open={menu === "chapters"}
            onOpen={open("chapters")}
            onChoose={(startS) => controls.seek(startS, "chapter")}
          />
        )}
        {captions.length > 0 && (
          <Menu
            label="Captions"
            face={<Icon name="captions" />}
            options={[{ value: -1, label: "Off" }, ...captions.map(({ label }, value) => ({ value, label }))]}
            chosen={props.shownCaptions}
            open={menu === "captions"}
            onOpen={open("captions")}
            onChoose={controls.showCaptions}
          />
        )}
        <Menu
          label={`Speed, ${rateText(playback.rate)}`}
          face={<span className="vb-text-face">{rateText(playback.rate)}</span>}
          options={RATES.map((rate) => ({ value: rate, label: rate === 1 ? "1× · normal" : rateText(rate) }))}
          chosen={playback.rate}
          open={menu === "speed"}
          onOpen={open("speed")}
          onChoose={controls.setRate}
        />
        {session.levels.length > 1 && (
          <Menu
            label="Quality"
            face={<Icon name="quality" />}
            options={qualityOptions(session)}
            chosen={session.selectedLevel}
            open={menu === "quality"}
            onOpen={open("quality")}
            onChoose={session.selectLevel}
          />
        )}
        {document.pictureInPictureEnabled && (
          <button
            type="button"
            className="vb-button vb-wide"
            aria-label="Picture in picture"
            title="Picture in picture"
            aria-pressed={playback.pip}
            onClick={controls.togglePip}
          >
            <Icon name="pip" />
          </button>
        )}
        <button
          type="button"
          className="vb-button"
          aria-label={playback.fullscreen ? "Leave full screen" : "Full screen"}
          title="Full screen (f)"
          onClick={controls.toggleFullscreen}
        >
          <Icon name={playback.fullscreen ? "leaveFull" : "enterFull"} />
        </button>
      </div>
    </div>
  );
}

function qualityOptions({ levels, shownLevel, selectedLevel }: Session): MenuOption<number>[] {
  const shown = levels[shownLevel];
  const auto = selectedLevel === AUTO_LEVEL && shown ? `${shown.height}p` : undefined;
  const byHeight = levels.toReversed().map(({ index, height, bitrateBps }) => ({
    value: index,
    label: `${height}p`,
    note: `${(bitrateBps / 1e6).toFixed(1)} Mbit/s`,
  }));
  return [{ value: AUTO_LEVEL, label: "Auto", note: auto }, ...byHeight];
}
