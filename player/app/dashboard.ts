const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The dashboard's page of a video; null when the server named no dashboard (a development build). */
export function dashboardUrl(videoId?: string): string | null {
  const named = document.querySelector<HTMLMetaElement>('meta[name="viewbox-dashboard"]')?.content ?? "";
  if (!URL.canParse(named)) return null;
  const url = new URL(named);
  // A server that only knows its own machine is reached under another name from a phone.
  if (LOOPBACK.has(url.hostname) && !LOOPBACK.has(location.hostname)) url.hostname = location.hostname;
  if (videoId) url.searchParams.set("video", videoId);
  return url.href;
}
