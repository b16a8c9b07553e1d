import { type RefObject, useEffect, useState } from "react";
import { Icon } from "../controls/icons";
import { useWords } from "../i18n/useWords";
import type { Session } from "../useSession";
import { useMenuWords } from "./useMenuWords";

const LOOK_MS = 1000;

interface StatsProps {
  video: RefObject<HTMLVideoElement | null>;
  session: Session;
  src: string | null;
  onClose: () => void;
}

/** What is going on behind the picture, once a second. */
export function Stats({ video, session, src, onClose }: StatsProps) {
  const { clock, count, tag, dir } = useWords();
  const { statistics: m, stats, close, megabits } = useMenuWords();
  const [, look] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => look((times) => times + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const media = video.current;
  if (!media) return null;
  const level = session.levels[session.shownLevel];
  const frames = media.getVideoPlaybackQuality?.();
  const bandwidthBps = session.bandwidthBps();
  const rate = (bps: number) => megabits(count(bps / 1e6, 1));
  const pixels = (length: number) => Math.round(length * devicePixelRatio);
  const lines: [string, string][] = [
    [m.shown, `${media.videoWidth}×${media.videoHeight}${level ? ` · ${rate(level.bitrateBps)}` : ""}`],
    [m.player, `${pixels(media.clientWidth)}×${pixels(media.clientHeight)}`],
    [m.bandwidth, bandwidthBps === null ? m.unknown : rate(bandwidthBps)],
    [m.buffer, m.seconds(count(aheadS(media), 1))],
    [m.dropped, frames ? m.droppedOf(count(frames.droppedVideoFrames), count(frames.totalVideoFrames)) : m.unknown],
    [m.position, `${clock(media.currentTime)} / ${clock(media.duration)}`],
    [m.host, src ? new URL(src, location.href).host : m.unknown],
  ];
  return (
    <section className="vb-stats" aria-label={stats} lang={tag} dir={dir}>
      <dl>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" className="vb-button" aria-label={close} title={close} onClick={onClose}>
        <Icon name="close" />
      </button>
    </section>
  );
}

function aheadS({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i++)
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime) return buffered.end(i) - currentTime;
  return 0;
}
