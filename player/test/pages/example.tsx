import { useRef } from "react";
import { type PlayerHandle, ViewBoxPlayer } from "../../src/react";

export function Film({ id }: { id: string }) {
  const player = useRef<PlayerHandle>(null);
  const media = `/media/${id}`;
  return (
    <>
      <ViewBoxPlayer
        src={`${media}/master.m3u8`}
        poster={`${media}/poster.jpg`}
        title="A film"
        resumeKey={id}
        shareUrl={(positionS) => `${location.origin}/film/${id}?t=${positionS}`}
        handle={player}
      />
      <button type="button" onClick={() => player.current?.loop(12, 20)}>
        Watch 0:12–0:20 again and again
      </button>
    </>
  );
}
