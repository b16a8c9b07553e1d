// The tracker for a React page with a player of its own.
import { type RefObject, useEffect, useRef } from "react";
import type { Attached, AttachOptions, Tracker } from "../dom/tracker";

export interface UseViewBoxTrackerOptions extends AttachOptions {
  /** Made once by `createTracker`, outside of the component. Null = this view is not counted. */
  tracker: Tracker | null;
}

/**
 * Attaches `tracker` to the media element of `ref` for as long as it is there: a view begins with the component, and
 * with every new `videoId`, `hls` or `adapter`. Returns a ref to what is attached, for `announceJump` and the like.
 */
export function useViewBoxTracker(
  ref: RefObject<HTMLMediaElement | null>,
  options: UseViewBoxTrackerOptions,
): RefObject<Attached | null> {
  const { tracker, videoId, hls, adapter } = options;
  const attached = useRef<Attached | null>(null);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const media = ref.current;
    if (!tracker || !media) return;
    attached.current = tracker.attach(media, { ...latest.current, videoId, hls, adapter });
    return () => {
      attached.current?.detach("source_change");
      attached.current = null;
    };
  }, [ref, tracker, videoId, hls, adapter]);
  return attached;
}
