// hls.js as ViewBox needs it: built from the TypeScript that its package publishes, with its own feature flags.
import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const FOLDER = dirname(dirname(fileURLToPath(import.meta.resolve("hls.js"))));
const SOURCE = join(FOLDER, "src");
const { version } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { version: string };

/** What the transcoder makes, or a stream of others may have: several sounds, texts. The rest is 50 KB for nobody. */
const FLAGS = {
  __USE_ALT_AUDIO__: true, // without it demuxed sound is silent, and nothing says so
  __USE_SUBTITLES__: true,
  __USE_CMCD__: false,
  __USE_CONTENT_STEERING__: false,
  __USE_EME_DRM__: false,
  __USE_IFRAMES__: false,
  __USE_INTERSTITIALS__: false,
  __USE_M2TS_ADVANCED_CODECS__: false,
  __USE_MEDIA_CAPABILITIES__: false,
  __USE_VARIABLE_SUBSTITUTION__: false,
  __HLS_WORKER_BUNDLE__: false, // no worker is started, see HLS_CONFIG
  __IN_WORKER__: false,
};

/**
 * Modules that only flags and settings switched off ask for, and what they export. Their classes have static parts, so
 * no bundler dares to drop them.
 */
const LEFT_OUT: Record<string, string[]> = {
  "controller/cmcd-controller": ["default"],
  "controller/content-steering-controller": ["default"],
  "controller/eme-controller": ["default"],
  "controller/iframe-controller": ["IFrameController"],
  "controller/interstitials-controller": ["default"],
  "demux/audio/ac3-demuxer": ["AC3Demuxer"],
  "demux/video/hevc-video-parser": ["default"],
  "utils/fetch-loader": ["default", "fetchSupported"], // of `progressive`, which waits for nothing that XHR would not
};
const EMPTY = "\0hls-left-out:";

/** Resolves `hls.js` to the flag build. Types stay those of the package. */
export function hlsFromSource(): Plugin[] {
  return [source(), withoutLog()];
}

function source(): Plugin {
  return {
    name: "viewbox-hls-from-source",
    enforce: "pre",
    config: () => ({
      define: {
        ...Object.fromEntries(Object.entries(FLAGS).map(([flag, value]) => [flag, String(value)])),
        __VERSION__: JSON.stringify(version),
      },
    }),
    resolveId: {
      order: "pre",
      handler(id, importer) {
        if (id === "hls.js") return join(SOURCE, "exports-default.ts");
        if (!importer?.startsWith(SOURCE + sep) || !id.startsWith(".")) return null;
        const asked = join(dirname(importer), id)
          .slice(SOURCE.length + 1)
          .replaceAll(sep, "/");
        return asked in LEFT_OUT ? EMPTY + asked : null;
      },
    },
    load(id) {
      const names = LEFT_OUT[id.replace(EMPTY, "")];
      if (!id.startsWith(EMPTY) || !names) return null;
      const exported = names.map((name) => `none as ${name}`).join(", ");
      return { code: `const none = undefined; export { ${exported} };`, moduleSideEffects: false };
    },
  };
}

/** `this.log(…)` and its kin as statements: sentences for hls.js's debug mode, which ViewBox never switches on. */
const LOG = /^(this|logger|this\.logger|hls\.logger|this\.hls\.logger)\.(log|debug|trace)$/;

function withoutLog(): Plugin {
  return {
    name: "viewbox-hls-without-log",
    apply: "build",
    enforce: "post", // after the types are gone
    transform(code, id) {
      if (!id.startsWith(SOURCE + sep)) return null;
      const spans = logStatements(this.parse(code), code);
      let kept = "";
      let from = 0;
      for (const { start, end } of spans) {
        kept += `${code.slice(from, start)};`; // an `if` may have it as its body
        from = end;
      }
      return spans.length > 0 ? { code: kept + code.slice(from), map: null } : null;
    },
  };
}

interface Span {
  start: number;
  end: number;
}

/** Where they are, in order. */
function logStatements(node: unknown, code: string): Span[] {
  if (Array.isArray(node)) return node.flatMap((each) => logStatements(each, code));
  if (typeof node !== "object" || node === null) return [];
  const { type, expression } = node as { type?: string; expression?: { type: string; callee?: Span } };
  if (type === "ExpressionStatement" && expression?.type === "CallExpression" && expression.callee) {
    const { start, end } = expression.callee;
    if (LOG.test(code.slice(start, end))) return [node as Span];
  }
  return Object.values(node).flatMap((each) => logStatements(each, code));
}
