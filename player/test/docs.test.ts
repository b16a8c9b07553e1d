import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const page = read("../../docs/reference/player.md");

test("the example of the docs is the one that is type-checked", () => {
  expect(page).toContain(read("./pages/example.tsx").replace("../../src/react", "@viewbox/player"));
});

test("every prop, fact and member of the handle is in the docs", () => {
  const types = read("../src/react/types.ts");
  for (const name of ["LiveFacts", "PlayerHandle", "ViewBoxPlayerProps"]) {
    const body = new RegExp(`interface ${name}[^{]*{([\\s\\S]*?)\\n}`).exec(types)?.[1] ?? "";
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:]/gm)].map((match) => match[1]);
    expect(members.length).toBeGreaterThan(4);
    for (const member of members) expect(page, `${name}.${member}`).toMatch(new RegExp(`\`${member}[\`(]`));
  }
});
