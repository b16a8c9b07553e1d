// Writes src/core/event_types.ts from data/schema/events.v1.json; with --check it fails when the file is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const SCHEMA = new URL("../../data/schema/events.v1.json", import.meta.url);
const TYPES = new URL("../src/core/event_types.ts", import.meta.url);

const schema = JSON.parse(readFileSync(SCHEMA, "utf8"));
const types = await compile(schema, "Message", {
  bannerComment: "// Generated from data/schema/events.v1.json by `npm run types`. Do not edit.",
  additionalProperties: false,
  format: false,
  ignoreMinAndMaxItems: true,
  strictIndexSignatures: true,
});

if (!process.argv.includes("--check")) {
  writeFileSync(TYPES, types);
} else if (readFileSync(TYPES, "utf8") !== types) {
  console.error("src/core/event_types.ts is stale: run `npm run types`");
  process.exit(1);
}
