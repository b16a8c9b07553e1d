import { useCallback, useMemo, useRef, useState } from "react";
import type { PlayerHandle } from "../../src/react";
import { ViewBoxPlayer } from "../../src/react";
import { type Cue, cueAt, useCues } from "../../src/react/cues";
import { clockText } from "../../src/react/format";
import { pictureOf } from "../../src/react/vtt";
import { Strips } from "./Strips";
import type { PanelData, PanelHost, PanelMoment, PanelSelection } from "./types";

interface PanelProps {
  data: PanelData;
  host: PanelHost;
  theme: "light" | "dark";
}

type TimeListener = (positionS: number) => void;

/** Player and strips on one time axis. Only a selection leaves it; everything else happens here. */
export function Panel({ data, host, theme }: PanelProps) {
  const { video, strips, moments, empty, caption } = data;
  const player = useRef<PlayerHandle | null>(null);
  const listeners = useRef(new Set<TimeListener>());
  const [selection, setSelection] = useState<PanelSelection | null>(null);

  const announce = useCallback((positionS: number) => {
    for (const listener of listeners.current) listener(positionS);
  }, []);
  const attach = useCallback(
    (handle: PlayerHandle | null) => {
      player.current = handle;
      return handle?.onTime(announce);
    },
    [announce],
  );
  const subscribe = useCallback((listener: TimeListener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const seek = useCallback(
    (toS: number) => {
      player.current?.seek(toS);
      announce(toS); // the line moves at once, also where there is no player
    },
    [announce],
  );
  const select = useCallback(
    (next: PanelSelection | null) => {
      setSelection(next);
      host.onSelect(next);
      if (next) player.current?.loop(next.from_s, next.to_s);
      else player.current?.loop(null);
    },
    [host],
  );

  return (
    <section className="vb-panel" data-theme={theme} aria-label={`${video.title}: player and audience curves`}>
      <div className="vb-panel-top">
        <div className="vb-panel-video">
          {video.hls ? (
            <ViewBoxPlayer
              key={video.hls}
              src={video.hls}
              poster={video.poster}
              storyboard={video.storyboard}
              chapters={video.chapters}
              title={video.title}
              durationS={video.duration_s}
              tracking={false}
              lang="en" // as the dashboard around it
              handle={attach}
            />
          ) : (
            <Notice poster={video.poster} text={video.notice} />
          )}
        </div>
        {strips && (
          <Moments
            moments={moments}
            storyboardUrl={video.storyboard}
            onPick={(moment) => select({ from_s: moment.from_s, to_s: moment.to_s })}
          />
        )}
      </div>
      {strips ? (
        <Strips
          title={video.title}
          strips={strips}
          moments={moments}
          durationS={video.duration_s}
          theme={theme}
          selection={selection}
          subscribe={subscribe}
          onSeek={seek}
          onSelect={select}
        />
      ) : (
        empty && <p className="vb-panel-empty">{empty}</p>
      )}
      <p className="vb-panel-caption">
        {selection && (
          <button type="button" className="vb-panel-chip" onClick={() => select(null)}>
            Loops {clockText(selection.from_s)}–{clockText(selection.to_s)} <span aria-hidden="true">✕</span>
            <span className="vb-panel-hidden"> stop</span>
          </button>
        )}
        {caption && <span>{caption}</span>}
      </p>
    </section>
  );
}

function Notice({ poster, text }: { poster: string | null; text: string | null }) {
  const style = useMemo(() => (poster ? { backgroundImage: `url("${encodeURI(poster)}")` } : {}), [poster]);
  return (
    <div className="vb-panel-notice" style={style}>
      <p>{text}</p>
    </div>
  );
}

interface MomentsProps {
  moments: PanelMoment[];
  storyboardUrl: string | null;
  onPick: (moment: PanelMoment) => void;
}

function Moments({ moments, storyboardUrl, onPick }: MomentsProps) {
  const storyboard = useCues(moments.length > 0 ? storyboardUrl : null);
  return (
    <div className="vb-panel-moments">
      <h3>Key moments</h3>
      {moments.length === 0 && <p>No section stands out so far.</p>}
      <ol>
        {moments.map((moment) => (
          <li key={`${moment.kind} ${moment.from_s}`}>
            <button type="button" data-kind={moment.kind} onClick={() => onPick(moment)}>
              <Thumbnail cue={cueAt(storyboard, (moment.from_s + moment.to_s) / 2)} storyboardUrl={storyboardUrl} />
              <b>
                {clockText(moment.from_s)}–{clockText(moment.to_s)}
              </b>
              <span>{moment.sentence}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

const THUMBNAIL_PX = 96;

/** The picture in the middle of a moment; nothing where there is no storyboard. */
function Thumbnail({ cue, storyboardUrl }: { cue: Cue | null; storyboardUrl: string | null }) {
  const picture = cue && storyboardUrl ? pictureOf(cue, storyboardUrl) : null;
  if (!picture || picture.w <= 0) return null;
  const { url, x, y, w, h } = picture;
  const scale = THUMBNAIL_PX / w;
  return (
    <span className="vb-panel-thumbnail" style={{ width: THUMBNAIL_PX, height: h * scale }} aria-hidden="true">
      <span
        style={{
          width: w,
          height: h,
          transform: `scale(${scale})`,
          backgroundImage: `url("${url}")`,
          backgroundPosition: `-${x}px -${y}px`,
        }}
      />
    </span>
  );
}
