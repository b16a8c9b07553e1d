// Facts about page and device that travel with a view, beside its address. No full referrers.
import type { Context } from "../core/events";

export const PLAYER_VERSION = "0.1.0";

export function pageContext(media: HTMLMediaElement): Context {
  const box = media.getBoundingClientRect();
  const { connection } = navigator as { connection?: { effectiveType?: string } };
  return {
    player_name: "viewbox",
    player_version: PLAYER_VERSION,
    referrer: document.referrer.split("/")[2]?.replace(/:\d+$/, ""),
    language: navigator.language,
    timezone: timeZone(),
    screen_w: screen.width,
    screen_h: screen.height,
    player_w: Math.round(box.width),
    player_h: Math.round(box.height),
    duration_s: durationOf(media),
    autoplay: media.autoplay,
    connection: connection?.effectiveType,
  };
}

/** Temporal knows it at once; where it is missing, Intl makes all its patterns first, which costs more than all else here. */
function timeZone(): string {
  const { Temporal } = globalThis as { Temporal?: { Now: { timeZoneId(): string } } };
  return Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Null while it is unknown, and of a stream without end. */
export function durationOf({ duration }: HTMLMediaElement): number | null {
  return duration > 0 && duration < Number.POSITIVE_INFINITY ? Math.round(duration * 1000) / 1000 : null;
}
