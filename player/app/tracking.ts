import { createTracker } from "../src/dom/tracker";
import type { Tracking } from "../src/react/types";
import { consent, countsHere } from "./privacy";

/** One tracker for the whole site: views follow each other over one connection. */
export const tracker = createTracker({
  endpoint: "/v1/views",
  token: new URL(location.href).searchParams.get("token") ?? undefined,
  consent: consent.get(),
});

export function trackingOf(videoId: string): false | Tracking {
  return countsHere(new URL(location.href)) && { tracker, videoId };
}
