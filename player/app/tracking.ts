import type { Tracker } from "../src/dom/tracker";
import type { Tracking } from "../src/react/types";
import { consent, countsHere } from "./privacy";

/**
 * One tracker for the whole site: views follow each other over one connection. Its code comes beside the engine's; on
 * every page, because what an earlier visit could not send goes out with the next one.
 */
export const tracker: Promise<Tracker> = import("../src/dom/tracker").then(({ createTracker }) =>
  createTracker(
    {
      endpoint: "/v1/views",
      token: new URL(location.href).searchParams.get("token") ?? undefined,
      consent: consent.get(),
    },
    () => import("../src/dom/bare_sender"), // the player knows its engine
  ),
);
tracker.catch(() => undefined); // a page without it still plays

export function trackingOf(videoId: string): false | Tracking {
  return countsHere(new URL(location.href)) && { tracker, videoId };
}
