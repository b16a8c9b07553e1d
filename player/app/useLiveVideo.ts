// A video that tells by itself what changes on it. Polling goes on slowly, and as before while no push arrives.
import { useEffect, useRef, useState } from "react";
import { type Live, useLive } from "../src/react";
import type { Video } from "./api";
import { type Loaded, useVideo } from "./useVideos";

export interface LiveVideo extends Loaded<Video> {
  live: Live;
  /** Which master the loaded video plays from; null while nobody said. */
  masterVersion: number | null;
}

export function useLiveVideo(id: string): LiveVideo {
  const live = useLive(id);
  const { content, error, reload } = useVideo(id, live.connected);
  const { progress, master, gone } = live;

  // More has changed than numbers: addresses, an error, a duration. The API knows them.
  const shown = useRef(content);
  shown.current = content;
  const { status, playable } = progress ?? {};
  useEffect(() => {
    const video = shown.current;
    if (video && status !== undefined && (status !== video.status || playable !== video.playable)) reload();
  }, [status, playable, reload]);
  useEffect(() => {
    if (gone) reload(); // it tells that the video is not there any more
  }, [gone, reload]);

  const wasConnected = useRef(false);
  useEffect(() => {
    if (wasConnected.current && !live.connected) reload(); // back to polling, from now on
    wasConnected.current = live.connected;
  }, [live.connected, reload]);

  // A further master may be that of another revision, whose player begins anew: the video is asked for first.
  const pushed = master?.version ?? null;
  const newest = useRef<number | null>(null);
  const [masterVersion, setMasterVersion] = useState<number | null>(null);
  useEffect(() => {
    const isFurther = pushed !== null && newest.current !== null;
    newest.current = pushed;
    if (isFurther) reload();
    else setMasterVersion(pushed);
  }, [pushed, reload]);
  useEffect(() => {
    if (content) setMasterVersion(newest.current);
  }, [content]);

  return { content: content && withProgress(content, live), error, reload, live, masterVersion };
}

/** Pushed numbers in place of polled ones, as long as both tell of the same step. */
function withProgress(video: Video, { connected, progress }: Live): Video {
  if (!connected || !progress || progress.status !== video.status) return video;
  return { ...video, progress: progress.progress, renditions: progress.renditions };
}
