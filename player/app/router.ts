// Three pages, so a router of a screenful: the address is the state.
import { useSyncExternalStore } from "react";

export type Route =
  | { name: "library"; search: string; tag: string | null }
  | { name: "watch" | "embed"; id: string; startS: number | null }
  | { name: "lost" };

export function routeOf(url: URL): Route {
  if (url.pathname === "/") {
    return { name: "library", search: url.searchParams.get("q") ?? "", tag: url.searchParams.get("tag") };
  }
  const match = /^\/(watch|embed)\/([A-Za-z0-9._:-]{1,64})\/?$/.exec(url.pathname);
  if (!match?.[1] || !match[2]) return { name: "lost" };
  return { name: match[1] as "watch" | "embed", id: match[2], startS: startOf(url.searchParams.get("t")) };
}

/** `65`, `65s`, `1m5s`, `1h2m3s`; anything else is the beginning. */
export function startOf(text: string | null): number | null {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text ?? "");
  if (!text || !match) return null;
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

const listeners = new Set<() => void>();
let route = routeOf(new URL(location.href));

function follow(): void {
  route = routeOf(new URL(location.href));
  for (const listener of listeners) listener();
}

addEventListener("popstate", follow);

export function goTo(path: string): void {
  history.pushState(null, "", path);
  follow();
  scrollTo(0, 0);
}

/** The library's address for a search; what is typed changes the address in place, so Back leaves the search. */
export function searchFor(search: string, tag: string | null): void {
  const query = new URLSearchParams({ ...(search && { q: search }), ...(tag && { tag }) }).toString();
  history.replaceState(null, "", query ? `/?${query}` : "/");
  follow();
}

export function useRoute(): Route {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => route,
  );
}
