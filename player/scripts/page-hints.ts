// What the server names in a page's head, so that the browser fetches it beside the first script and not after it: the
// page's own module, its styles, the engine and the tracker. Written to dist/hints.json; ingest_api/page_hints.py reads it.
import type { Plugin, Rolldown } from "vite";

const PAGES = { watch: "/app/Watch.tsx", embed: "/app/embed/Embed.tsx" };
/** Every page with a player asks for these by `import()` as soon as its module runs. */
const WITH_PLAYER = ["/src/dom/hls_engine.ts", "/src/dom/tracker.ts"];

type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } };

export function pageHints(): Plugin {
  return {
    name: "viewbox-page-hints",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const chunks = Object.values(bundle).filter((file): file is Chunk => file.type === "chunk");
        const entry = chunks.find((chunk) => chunk.isEntry);
        const known = closure(entry ? [entry] : [], chunks);
        const hints = Object.entries(PAGES).map(([page, path]) => {
          const wanted = closure(
            [holderOf(path, chunks), ...WITH_PLAYER.map((part) => holderOf(part, chunks))],
            chunks,
          );
          const own = [...wanted].filter((chunk) => !known.has(chunk));
          const styles = own.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]);
          return [page, { scripts: own.map(({ fileName }) => fileName), styles: [...new Set(styles)] }];
        });
        this.emitFile({ type: "asset", fileName: "hints.json", source: JSON.stringify(Object.fromEntries(hints)) });
      },
    },
  };
}

function holderOf(path: string, chunks: Chunk[]): Chunk {
  const holder = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(path)));
  if (!holder) throw new Error(`no chunk holds ${path}: it has moved, or nothing imports it`);
  return holder;
}

/** These chunks and all that they import statically. */
function closure(start: Chunk[], chunks: Chunk[]): Set<Chunk> {
  const found = new Set(start);
  for (const chunk of found) {
    for (const name of chunk.imports) {
      const imported = chunks.find(({ fileName }) => fileName === name);
      if (imported) found.add(imported);
    }
  }
  return found;
}
