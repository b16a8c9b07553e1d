import { useEffect, useRef } from "react";
import type { PlayerHandle } from "../../src/react";
import { firstPicture } from "../../src/react/firstPicture";
import type { Video } from "../api";
import { m } from "../i18n";
import { SitePlayer } from "../SitePlayer";
import { problemOf } from "../Unreachable";
import { useLiveVideo } from "../useLiveVideo";
import { statusText } from "../words";

// Nobody commands a player that has not said it is ready, so its first frame does not wait for the bridge.
const loadBridge = () => import("./bridge");

/** The player alone, for a frame in somebody's page, which may command it and hears how it goes. */
export function Embed({ id, startS }: { id: string; startS: number | null }) {
  const { content: video, error, live, masterVersion } = useLiveVideo(id);
  const handle = useRef<PlayerHandle>(null);
  const frame = useRef<HTMLElement>(null);
  const autoPlay = new URL(location.href).searchParams.get("autoplay") === "1";
  const plays = video?.playable && video.urls.hls ? `${video.id} ${video.revision}` : null;
  useEffect(() => {
    document.title = video?.title ?? "ViewBox";
  }, [video]);

  const known = useRef(video);
  known.current = video;
  useEffect(() => {
    const media = frame.current?.querySelector("video");
    if (!plays || !media) return;
    let close: (() => void) | null = null;
    let left = false;
    const open = async () => {
      await firstPicture();
      if (left) return;
      const { openBridge } = await loadBridge();
      if (!left && known.current) close = openBridge(known.current, media, () => handle.current);
    };
    open().catch(() => undefined); // a player that nobody can command still plays
    return () => {
      left = true;
      close?.();
    };
  }, [plays]);

  const gone = error?.status === 404;
  const failed = video?.status === "failed";
  useEffect(() => {
    const told = gone
      ? { event: "error" as const, code: "video_not_found", hint: "there is no such video" }
      : { event: "error" as const, code: "video_failed", hint: "this video could not be prepared" };
    if (gone || failed) {
      loadBridge().then(
        ({ tellParent }) => tellParent(told),
        () => undefined,
      );
    }
  }, [gone, failed]);

  const words = gone ? m.notHereAnyMore : video ? wordsOf(video) : error ? problemOf(error) : "";
  return (
    <main ref={frame} className="embed">
      {video && plays ? (
        <SitePlayer
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
  return video.status === "failed" ? m.notPrepared : statusText(video);
}
