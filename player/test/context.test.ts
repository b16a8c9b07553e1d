import { expect, test } from "vitest";
import { boundedContext } from "../src/core/context";
import { type Context, MAX_TEXT, type Message, type View } from "../src/core/events";
import { message } from "../src/core/shelves";

const long = "x".repeat(300);

/** The context as it travels. */
function sent(context: Context): Context {
  const view = { view_id: "v", context: boundedContext(context) } as View;
  const [text] = message({ view, texts: ["{}"], inFlight: 0, contextDue: true }, 0, 0, true);
  return (JSON.parse(text) as Message).context as Context;
}

test("a text of 256 characters stays, a longer one is cut to them", () => {
  const context = sent({ language: "l".repeat(256), timezone: long, referrer: `https://${long}/` });
  expect(context.language).toBe("l".repeat(256));
  expect(context.timezone).toBe("x".repeat(256));
  expect(context.referrer).toHaveLength(MAX_TEXT);
});

test("a page's address loses query and fragment, then what is beyond 256 characters", () => {
  expect(sent({ page_url: `https://example.com/a@b?q=${long}#f` }).page_url).toBe("https://example.com/a@b");
  const path = `https://example.com/${long}`;
  expect(sent({ page_url: path }).page_url).toBe(path.slice(0, 256));
});

test("of custom and experiment ten pairs travel, those with names that are too long do not, values are cut", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`n${i}`, i]));
  const { custom, experiment } = sent({ custom: { [long]: 1, seats: 3, none: null, plan: long }, experiment: many });
  expect(custom).toEqual({ seats: 3, none: null, plan: long.slice(0, 256) });
  expect(Object.keys(experiment ?? {})).toEqual(Object.keys(many).slice(0, 10));
});

test("a cut never leaves half a character", () => {
  expect(sent({ player_name: `${"x".repeat(255)}😀` }).player_name).toBe("x".repeat(255));
});

test("what is no text stays as it is", () => {
  const context = { player_w: 640, autoplay: false, duration_s: null, custom: null };
  expect(sent(context)).toEqual(context);
});
