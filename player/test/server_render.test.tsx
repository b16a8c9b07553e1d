import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { ViewBoxPlayer } from "../src/react";

test("a server draws the player without a browser: poster, big button, times", () => {
  const html = renderToString(
    <ViewBoxPlayer src="/film/master.m3u8" poster="/film/poster.jpg" title="A film" durationS={66} resumeKey="film" />,
  );
  expect(html).toContain('aria-label="Video: A film"');
  expect(html).toContain('class="vb-begin"');
  expect(html).toContain("1:06");
});
