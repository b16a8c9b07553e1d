import { type RefObject, useCallback, useEffect, useState, useSyncExternalStore } from "react";

/** A source that shows no picture for so long does not keep the controls from anybody. */
const WITHOUT_PICTURE_MS = 2000;

const never = () => () => undefined;

/**
 * Whether everything around the picture is drawn: with the first frame, which it would put off on a slow device, or as
 * soon as somebody reaches for it (`furnish`). A server draws it, and what a server has drawn stays.
 */
export function useFurnished(video: RefObject<HTMLVideoElement | null>): [furnished: boolean, furnish: () => void] {
  const drawnByServer = useSyncExternalStore(
    never,
    () => false,
    () => true,
  );
  const [furnished, setFurnished] = useState(drawnByServer);
  const furnish = useCallback(() => setFurnished(true), []);
  useEffect(() => {
    const media = video.current;
    if (furnished || !media) return;
    const timer = setTimeout(furnish, WITHOUT_PICTURE_MS);
    const frame = media.requestVideoFrameCallback?.(furnish);
    return () => {
      clearTimeout(timer);
      if (frame !== undefined) media.cancelVideoFrameCallback(frame);
    };
  }, [video, furnished, furnish]);
  return [furnished, furnish];
}
