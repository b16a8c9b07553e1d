import { expect, test } from "vitest";
import { boundedContext } from "../src/core/context";
import { MAX_TEXT } from "../src/core/events";

const long = "x".repeat(300);

test("a text of 256 characters stays, a longer one is cut to them", () => {
  const context = boundedContext({ language: "l".repeat(256), timezone: long, referrer: `https://${long}/` });
  expect(context.language).toBe("l".repeat(256));
  expect(context.timezone).toBe("x".repeat(256));
  expect(context.referrer).toHaveLength(MAX_TEXT);
});

test("a page's address loses credentials, query and fragment, then what is beyond 256 characters", () => {
  expect(boundedContext({ page_url: `https://ann:pw@example.com/a@b?q=${long}#f` }).page_url).toBe(
    "https://example.com/a@b",
  );
  const path = `https://example.com/${long}`;
  expect(boundedContext({ page_url: path }).page_url).toBe(path.slice(0, 256));
});

test("names and values of custom and experiment are cut too", () => {
  const context = boundedContext({ custom: { [long]: long, seats: 3, none: null }, experiment: { intro: long } });
  expect(context.custom).toEqual({ [long.slice(0, 256)]: long.slice(0, 256), seats: 3, none: null });
  expect(context.experiment).toEqual({ intro: long.slice(0, 256) });
});

test("a cut never leaves half a character", () => {
  expect(boundedContext({ player_name: `${"x".repeat(255)}😀` }).player_name).toBe("x".repeat(255));
});

test("what is no text stays as it is", () => {
  const context = { player_w: 640, autoplay: false, duration_s: null, custom: null };
  expect(boundedContext(context)).toEqual(context);
});
