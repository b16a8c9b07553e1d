import { useEffect, useRef } from "react";
import type { PlayerHandle } from "../src/react";
import type { Video } from "./api";
import { problemOf } from "./Unreachable";
import { useLiveVideo } from "./useLiveVideo";
import { Player } from "./Watch";
import { statusText } from "./words";

/** The player alone, for a frame in somebody's page. */
export function Embed({ id, startS }: { id: string; startS: number | null }) {
  const { content: video, error, live, masterVersion } = useLiveVideo(id);
  const handle = useRef<PlayerHandle>(null);
  const autoPlay = new URL(location.href).searchParams.get("autoplay") === "1";
  useEffect(() => {
    document.title = video?.title ?? "ViewBox";
  }, [video]);
  const words =
    error?.status === 404 ? "This video is not here any more." : video ? wordsOf(video) : error ? problemOf(error) : "";
  return (
    <main className="embed">
      {video?.playable && video.urls.hls ? (
        <Player
          video={video}
          masterVersion={masterVersion}
          heat={live.now?.heat}
          startS={startS}
          handle={handle}
          autoPlay={autoPlay}
        />
      ) : (
        <p className="embed-words" role="status">
          {words}
        </p>
      )}
    </main>
  );
}

function wordsOf(video: Video): string {
  return video.status === "failed" ? "This video could not be prepared." : statusText(video);
}
