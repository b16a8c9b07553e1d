import { expect, test } from "vitest";
import { MAX_TEXT, readMessage } from "../src/live/messages";

const heat = Array.from({ length: 100 }, (_, i) => i / 99);
const now = { type: "live", viewers_now: 3, views: 120, heat };
const rung = { height: 720, bitrate_bps: 2_000_000, codec: "avc1", progress: 0.4, speed: 2.5, eta_s: 9 };
const progress = { type: "progress", status: "encoding", playable: false, progress: 0.3, renditions: [rung] };
const master = { type: "master", version: 2, url: "/media/abc/master.m3u8" };

const read = (message: unknown) => readMessage(JSON.stringify(message));

test.each([now, progress, master])("a message of the contract is read as it is: $type", (message) => {
  expect(read(message)).toEqual(message);
});

test("fields of a later version are left out", () => {
  expect(read({ ...master, later: 1 })).toEqual(master);
  expect(read({ ...progress, renditions: [{ ...rung, later: 1 }] })).toEqual(progress);
});

test("what is not known of a rendition is null", () => {
  const bare = { ...rung, bitrate_bps: null, codec: null, speed: null, eta_s: null };
  expect(read({ ...progress, renditions: [bare] })).toEqual({ ...progress, renditions: [bare] });
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["null", "null"],
  ["no text", new ArrayBuffer(2)],
  ["too long", `${JSON.stringify(now)}${" ".repeat(MAX_TEXT)}`],
])("%s is no message", (_, frame) => {
  expect(readMessage(frame)).toBeNull();
});

test.each([
  ["of an unknown type", { ...now, type: "weather" }],
  ["without viewers", { ...now, viewers_now: undefined }],
  ["with half a viewer", { ...now, viewers_now: 1.5 }],
  ["with fewer than no viewers", { ...now, viewers_now: -1 }],
  ["with more views than there are people", { ...now, views: 1e13 }],
  ["with 99 slices", { ...now, heat: heat.slice(1) }],
  ["with heat above 1", { ...now, heat: [...heat.slice(1), 1.01] }],
  ["with heat that is no number", { ...now, heat: [...heat.slice(1), null] }],
  ["with an unknown status", { ...progress, status: "resting" }],
  ["with playable as text", { ...progress, playable: "true" }],
  ["with progress above 1", { ...progress, progress: 1.1 }],
  ["with too many renditions", { ...progress, renditions: Array(65).fill(rung) }],
  ["with a rendition without height", { ...progress, renditions: [{ ...rung, height: null }] }],
  ["with a codec of a thousand characters", { ...progress, renditions: [{ ...rung, codec: "a".repeat(1000) }] }],
  ["with a version below 0", { ...master, version: -1 }],
  ["with an address on another host", { ...master, url: "https://evil.example/master.m3u8" }],
  ["with an address on another host in disguise", { ...master, url: "//evil.example/master.m3u8" }],
  ["with an address on another host behind a backslash", { ...master, url: "/\\evil.example/master.m3u8" }],
  ["with a script for an address", { ...master, url: "javascript:alert(1)" }],
])("a message %s is none", (_, message) => {
  expect(read(message)).toBeNull();
});
