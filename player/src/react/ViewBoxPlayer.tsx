import { useEffect, useRef } from "react";
import "./player.css";
import { attachEngine, type Engine } from "../dom/engine";
import { createHandle } from "./handle";
import type { PlayerHandle, ViewBoxPlayerProps } from "./types";

export function ViewBoxPlayer({ src, poster, handle, className }: ViewBoxPlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const media = video.current;
    if (!media) return;
    let engine: Engine | null = null;
    let gone = false;
    void attachEngine(media, src, 0, { onLevels() {}, onFatal() {} }).then((made) => {
      if (gone) made.destroy();
      else engine = made;
    });
    const made = createHandle({ media, attached: () => null, play: () => void media.play() });
    const release = give(handle, made.handle);
    return () => {
      gone = true;
      release();
      made.dispose();
      engine?.destroy();
    };
  }, [src, handle]);
  return (
    <div className={`vb-player ${className ?? ""}`}>
      {/* biome-ignore lint/a11y/useMediaCaption: captions come as tracks */}
      <video ref={video} poster={poster ?? undefined} playsInline controls />
    </div>
  );
}

export function give(ref: ViewBoxPlayerProps["handle"], value: PlayerHandle): () => void {
  if (typeof ref === "function") {
    const cleanup = ref(value);
    return typeof cleanup === "function" ? cleanup : () => void ref(null);
  }
  if (!ref) return () => undefined;
  ref.current = value;
  return () => {
    ref.current = null;
  };
}
