// What npm would get, tried as somebody's page or server has it: alone, without a window, with either React.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const ENTRIES = ["@viewbox/player", "@viewbox/player/tracker", "@viewbox/player/use-tracker"];
/** What makes a page play; the engine's file is most of it. */
const MOST_BYTES = 220_000;

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

let room: string;
let packed: Packed;

beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), "viewbox-package-"));
  npm("run", "build:package");
  packed = JSON.parse(npm("pack", "--json", "--ignore-scripts", "--pack-destination", room))[0];
  execFileSync("tar", ["-xzf", join(room, packed.filename), "-C", room]);
}, 120_000);

afterAll(() => rmSync(room, { recursive: true, force: true }));

function npm(...args: string[]): string {
  const { npm_execpath: script } = process.env; // the npm that runs us; another one on PATH may be older
  const [command, ...before] = script ? [process.execPath, script] : ["npm"];
  const env = { ...process.env, NODE_ENV: "production" }; // vitest says "test": React's JSX would be that of development
  return execFileSync(command as string, [...before, ...args], { cwd: ROOT, encoding: "utf8", stdio: "pipe", env });
}

/** A folder with the package and one React installed; what a program in it prints. */
function runBeside(react: string, program: string): string {
  const project = mkdtempSync(join(room, "project-"));
  const modules = join(project, "node_modules");
  const source = realpathSync(react);
  for (const name of ["react", "react-dom", "scheduler", "loose-envify", "js-tokens"]) {
    for (const place of [join(source, "node_modules"), join(ROOT, "node_modules")]) {
      try {
        cpSync(join(place, name), join(modules, name), { recursive: true });
        break;
      } catch {
        // it lies in the next place, or this React does without
      }
    }
  }
  mkdirSync(join(modules, "@viewbox"), { recursive: true });
  cpSync(join(room, "package"), join(modules, "@viewbox", "player"), { recursive: true });
  writeFileSync(join(project, "program.mjs"), program);
  return execFileSync(process.execPath, ["program.mjs"], { cwd: project, encoding: "utf8", stdio: "pipe" });
}

const REACTS = { 18: join(ROOT, "node_modules", "viewbox-react-18"), 19: dirname(join(ROOT, "node_modules")) };

describe("the package", () => {
  it("holds what its exports name, its licences, and no sources", () => {
    const paths = packed.files.map(({ path }) => path);
    for (const target of Object.values(PACKAGE.exports).flatMap((each) => Object.values(each as object | string))) {
      if (typeof target === "string" && target.startsWith("./")) expect(paths).toContain(target.slice(2));
    }
    expect(paths).toEqual(expect.arrayContaining(["README.md", "package/LICENSE", "package/LICENSE.hls.js"]));
    expect(paths.filter((path) => !/^(package\/|package\.json$|README\.md$)/.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
    expect(packed.size).toBeLessThan(MOST_BYTES);
  });

  it("asks for React and brings nothing else along", () => {
    expect(PACKAGE.dependencies).toBeUndefined();
    expect(Object.keys(PACKAGE.peerDependencies)).toEqual(["react", "react-dom"]);
  });

  it("has nothing that publint would warn of", async () => {
    const { messages } = await publint({ pkgDir: join(room, "package"), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it("names every file that its declarations import", () => {
    const declarations = packed.files.filter(({ path }) => path.endsWith(".d.ts"));
    expect(declarations.length).toBeGreaterThan(20);
    const known = new Set(packed.files.map(({ path }) => path));
    for (const { path } of declarations) {
      const text = readFileSync(join(room, "package", path), "utf8");
      for (const [, asked] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
        expect(known, `${path} imports ${asked}`).toContain(join(dirname(path), `${asked}`.replace(/\.js$/, ".d.ts")));
      }
    }
  });

  for (const [version, react] of Object.entries(REACTS)) {
    it(`is imported and rendered by React ${version} where there is no window`, () => {
      const program = `
        import { createElement, useRef, version } from "react";
        import { renderToString } from "react-dom/server";
        if (typeof window !== "undefined") throw new Error("there is a window");
        const [player, tracker, hook] = await Promise.all(${JSON.stringify(ENTRIES)}.map((name) => import(name)));
        const Watched = () => {
          const media = useRef(null);
          hook.useViewBoxTracker(media, { tracker: null, videoId: "a" });
          return createElement("video", { ref: media });
        };
        const page = renderToString(createElement(player.ViewBoxPlayer, { src: "/a/master.m3u8", title: "A title" }));
        console.log(JSON.stringify([version, typeof tracker.createTracker, page, renderToString(createElement(Watched))]));
      `;
      const [used, createTracker, page, watched] = JSON.parse(runBeside(react, program));
      expect(used.split(".")[0]).toBe(version);
      expect(createTracker).toBe("function");
      expect(page).toMatch(/^<section[^>]*A title[\s\S]*<video/);
      expect(watched).toBe("<video></video>");
    });
  }
});
