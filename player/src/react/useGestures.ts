// Fingers on the picture: a tap shows and hides the controls, a double tap jumps, a long press plays at double speed.
import { type PointerEvent, type RefObject, useEffect, useMemo, useRef } from "react";

const DOUBLE_TAP_MS = 350; // a phone that is busy decoding is slow to tell
const LONG_PRESS_MS = 500;
/** A finger that travels farther scrolls the page. */
const MOVED_PX = 10;
const FAST_RATE = 2;
const JUMP_S = 10;

interface Gestures {
  onTap(): void;
  /** Each tap of a series after its first. */
  onJump(seconds: number): void;
  /** The rate while a finger lies on the picture; null when it has gone. */
  onHold(rate: number | null): void;
}

/** Handlers for the video element. `byTouch` tells a following `click` whose hand it was. */
export function useGestures(video: RefObject<HTMLVideoElement | null>, gestures: Gestures) {
  const latest = useRef(gestures);
  latest.current = gestures;
  const made = useMemo(() => createGestures(video, latest), [video]);
  useEffect(() => made.release, [made]);
  return made;
}

function createGestures(video: RefObject<HTMLVideoElement | null>, latest: RefObject<Gestures>) {
  const byTouch = { current: false }; // `click` and `dblclick` do not say it in every browser
  let lastTap = { ms: Number.NEGATIVE_INFINITY, side: 0 };
  let pressed: { x: number; y: number; timer: ReturnType<typeof setTimeout> } | null = null;
  let held: number | null = null; // the rate before the hold

  const hold = () => {
    const media = video.current;
    if (!media || media.paused) return;
    held = media.playbackRate;
    media.playbackRate = FAST_RATE;
    latest.current.onHold(FAST_RATE);
  };
  /** True when it ended a hold. */
  const release = (): boolean => {
    if (pressed) clearTimeout(pressed.timer);
    pressed = null;
    if (held === null) return false;
    if (video.current) video.current.playbackRate = held;
    held = null;
    latest.current.onHold(null);
    return true;
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    byTouch.current = event.pointerType === "touch";
    if (!byTouch.current) return;
    release();
    if (event.isPrimary) pressed = { x: event.clientX, y: event.clientY, timer: setTimeout(hold, LONG_PRESS_MS) };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!pressed || held !== null) return;
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > MOVED_PX) release();
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const wasTap = pressed !== null;
    if (event.pointerType !== "touch" || release() || !wasTap) return;
    const area = event.currentTarget.getBoundingClientRect();
    const side = event.clientX < area.left + area.width / 2 ? -1 : 1;
    const again = event.timeStamp - lastTap.ms < DOUBLE_TAP_MS && lastTap.side === side;
    lastTap = { ms: event.timeStamp, side };
    if (again) latest.current.onJump(JUMP_S * side);
    else latest.current.onTap();
  };
  return {
    byTouch,
    release: () => void release(),
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      onPointerCancel: () => void release(),
      onContextMenu: (event: { preventDefault(): void }) => byTouch.current && event.preventDefault(),
    },
  };
}
