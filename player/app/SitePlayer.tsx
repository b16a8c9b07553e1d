import { useCallback, useMemo } from "react";
import { type PlayerHandle, type SkipSection, ViewBoxPlayer } from "../src/react";
import type { Video } from "./api";
import { tag } from "./i18n";
import { goTo } from "./router";
import { trackingOf } from "./tracking";

interface SitePlayerProps {
  video: Video;
  masterVersion: number | null;
  heat?: number[];
  /** How many watch now; absent where that is nobody's business. */
  watching?: number;
  startS: number | null;
  handle: React.RefObject<PlayerHandle | null>;
  autoPlay?: boolean;
  /** What comes after this video. */
  next?: Video | null;
  skips?: SkipSection[] | null;
  retention?: number[] | null;
  theatre?: boolean;
  onTheatre?: (on: boolean) => void;
}

/** The player for a video of this site: its addresses, its tracking, its memory. */
export function SitePlayer({ video, next, ...rest }: SitePlayerProps) {
  const { id, title, duration_s, urls } = video;
  const tracking = useMemo(() => trackingOf(id), [id]);
  const after = useMemo(
    () =>
      next && {
        title: next.title,
        poster: next.urls.poster,
        onPlay: () => goTo(`/watch/${next.id}?autoplay=1`),
      },
    [next],
  );
  const shareUrl = useCallback((positionS: number) => addressOf(id, positionS), [id]);
  return (
    <ViewBoxPlayer
      key={`${id} ${video.revision}`}
      className="watch-player"
      src={urls.hls ?? ""}
      poster={urls.poster}
      storyboard={urls.storyboard}
      chapters={urls.chapters}
      title={title}
      durationS={duration_s}
      tracking={tracking}
      resumeKey={id}
      shareUrl={shareUrl}
      next={after}
      lang={tag}
      {...rest}
      startS={rest.startS ?? undefined}
    />
  );
}

/** The page of a video, opened at a whole second. */
export function addressOf(id: string, atS: number): string {
  return `${location.origin}/watch/${id}${atS >= 1 ? `?t=${Math.floor(atS)}` : ""}`;
}
