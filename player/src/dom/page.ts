// Facts about page and device that travel with a view. No query strings, no full referrers.
import type { Context } from "../core/events";

export const PLAYER_VERSION = "0.1.0";

export function pageContext(media: HTMLMediaElement): Context {
  const box = media.getBoundingClientRect();
  return {
    player_name: "viewbox",
    player_version: PLAYER_VERSION,
    page_url: location.origin + location.pathname,
    referrer: referrerDomain(),
    language: navigator.language || null,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? null,
    screen_w: screen.width,
    screen_h: screen.height,
    player_w: Math.round(box.width),
    player_h: Math.round(box.height),
    duration_s: durationOf(media),
    autoplay: media.autoplay,
    connection: (navigator as { connection?: { effectiveType?: string } }).connection?.effectiveType ?? null,
  };
}

export function durationOf(media: HTMLMediaElement): number | null {
  return Number.isFinite(media.duration) && media.duration > 0 ? Math.round(media.duration * 1000) / 1000 : null;
}

function referrerDomain(): string | null {
  try {
    return document.referrer ? new URL(document.referrer).hostname : null;
  } catch {
    return null;
  }
}
