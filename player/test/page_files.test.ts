// How many files stand between a page and its player: each costs some 15 ms on a slow phone, whatever its size.
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

test("beside the first script /embed names four files, /watch two more", async () => {
  const built = (await build({ logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  const file = built.output.find(({ fileName }) => fileName === "hints.json") as Rolldown.OutputAsset;
  const { embed, watch } = JSON.parse(String(file.source)) as Record<string, { scripts: string[] }>;
  const parts = (page?: { scripts: string[] }) =>
    page?.scripts.map((script) => script.replace(/^assets\/|-[\w-]{8}\.js$/g, ""));
  expect(parts(embed)?.sort()).toEqual(["hls_engine", "player", "site", "tracker"]);
  expect(parts(watch)?.sort()).toEqual(["VideoCard", "Watch", "hls_engine", "player", "site", "tracker"]);
});
