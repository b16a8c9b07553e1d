// Which files the site's scripts go into. Each file that a page asks for costs it 15 ms on a slow phone, whatever its size,
// so what is needed together travels together.
import type { Rolldown } from "vite";

/** Loaded at once by whoever opens the site. */
const START = "/app/main.tsx";
const EMBED = "/app/embed/Embed.tsx";
/** What asks for its parts by itself, and would share some of them in small files of their own. */
const SHARING = [EMBED, "/app/Library.tsx", "/src/dom/tracker.ts", "/src/dom/bare_sender.ts", "/src/live/index.ts"];

type Modules = Rolldown.ChunkingContext;

/**
 * `site`: what two of those need, `player`: what a page with a player needs beside. Null: as the bundler thinks best.
 */
export function siteChunk(id: string, modules: Modules): string | null {
  const root = id.slice(0, Math.max(id.indexOf("/app/"), id.indexOf("/src/")));
  if (!root || closure(root + START, modules).has(id)) return null;
  const needing = SHARING.filter((entry) => closure(root + entry, modules).has(id));
  if (needing.length > 1) return "site";
  return needing[0] === EMBED ? "player" : null;
}

/** A module and all that it imports statically. */
function closure(entry: string, modules: Modules): Set<string> {
  const found = new Set([entry]);
  for (const id of found) {
    for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  }
  return found;
}
