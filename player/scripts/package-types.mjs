// Writes package/types/ for the published package: declarations whose imports every module resolution can follow.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "package", "types");
const ENTRIES = ["src/react/index.ts", "src/dom/index.ts", "src/react/useViewBoxTracker.ts"];
// TypeScript leaves specifiers as they are written; Node wants the file's whole name.
const SPECIFIER = /(from |import\()"(\.{1,2}\/[^"]+)"/g;

const options = [
  "--declaration",
  "--emitDeclarationOnly",
  "--noEmit",
  "false",
  "--rootDir",
  join(ROOT, "src"),
  "--outDir",
  OUT,
];
const config = join(mkdtempSync(join(tmpdir(), "viewbox-types-")), "tsconfig.json");
const files = ["node_modules/vite/client.d.ts", ...ENTRIES].map((path) => join(ROOT, path));
const types = { typeRoots: [join(ROOT, "node_modules/@types")], types: [] };
writeFileSync(
  config,
  JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions: types, include: [], files }),
);
execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config, ...options], {
  cwd: ROOT,
  stdio: "inherit",
});
for (const name of globSync("**/*.d.ts", { cwd: OUT })) {
  const file = join(OUT, name);
  const whole = (path) => {
    const asked = join(dirname(file), path);
    return existsSync(`${asked}.d.ts`) ? `${path}.js` : `${path}/index.js`;
  };
  const text = readFileSync(file, "utf8").replace(/^import ".*\.css";\n/gm, "");
  writeFileSync(
    file,
    text.replace(SPECIFIER, (_, before, path) => `${before}"${whole(path)}"`),
  );
}
copyFileSync(join(ROOT, "src/react/tokens.css"), join(ROOT, "package", "tokens.css"));
copyFileSync(join(ROOT, "..", "LICENSE"), join(ROOT, "package", "LICENSE"));
copyFileSync(join(ROOT, "node_modules", "hls.js", "LICENSE"), join(ROOT, "package", "LICENSE.hls.js"));
