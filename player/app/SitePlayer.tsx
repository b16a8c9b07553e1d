import { useCallback, useMemo } from "react";
import { type PlayerHandle, ViewBoxPlayer } from "../src/react";
import type { Video } from "./api";
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
}

/** The player for a video of this site: its addresses, its tracking, its memory. */
export function SitePlayer({ video, masterVersion, heat, watching, startS, handle, autoPlay }: SitePlayerProps) {
  const { id, title, duration_s, urls } = video;
  const tracking = useMemo(() => trackingOf(id), [id]);
  const captions = useMemo(
    () => (urls.captions ? [{ src: urls.captions, lang: "und", label: "Captions" }] : []),
    [urls.captions],
  );
  const shareUrl = useCallback((positionS: number) => addressOf(id, positionS), [id]);
  return (
    <ViewBoxPlayer
      key={`${id} ${video.revision}`}
      className="watch-player"
      src={urls.hls ?? ""}
      masterVersion={masterVersion}
      heat={heat}
      watching={watching}
      poster={urls.poster}
      storyboard={urls.storyboard}
      chapters={urls.chapters}
      captions={captions}
      title={title}
      durationS={duration_s}
      tracking={tracking}
      startS={startS ?? undefined}
      autoPlay={autoPlay}
      resumeKey={id}
      shareUrl={shareUrl}
      handle={handle}
    />
  );
}

/** The page of a video, opened at a whole second. */
export function addressOf(id: string, atS: number): string {
  return `${location.origin}/watch/${id}${atS >= 1 ? `?t=${Math.floor(atS)}` : ""}`;
}
