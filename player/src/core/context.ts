// What a page says about a view, cut to the contract's bounds: the server refuses a message whose texts are longer.
import { type Context, MAX_PAIRS, MAX_TEXT } from "./events";

// As viewbox/events/decode.py: browsers read a backslash in an address as a slash.
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:[/\\]+|[/\\]{2,})?[^/\\]*@/i;

/** The context with every text short enough to be taken. An address loses its credentials, query and fragment first. */
export function boundedContext(context: Context): Context {
  const address = context.page_url?.replace(/[?#].*/s, "").replace(CREDENTIALS, "$1");
  return cut({ ...context, page_url: address });
}

/**
 * The first characters of a text, never half of a pair: half a character is no text that can be stored. Of an object:
 * all its names and texts cut so, and of an object in it the first pairs only.
 */
export function cut<T>(value: T, pairs?: number): T {
  if (typeof value === "string") return value.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "") as T;
  if (!value || typeof value !== "object") return value;
  const entries = Object.entries(value).slice(0, pairs);
  return Object.fromEntries(entries.map(([name, each]) => [cut(name), cut(each, MAX_PAIRS)])) as T;
}
