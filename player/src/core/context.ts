// What a page says about a view, cut to the contract's bounds: the server refuses a message whose texts are longer.
import { type Context, MAX_PAIRS, MAX_TEXT } from "./events";

// As viewbox/events/decode.py: browsers read a backslash in an address as a slash.
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:[/\\]+|[/\\]{2,})?[^/\\]*@/i;

/** The context with every text short enough to be taken. An address loses its credentials, query and fragment first. */
export function boundedContext(context: Context): Context {
  const page_url = context.page_url?.replace(/[?#].*/s, "").replace(CREDENTIALS, "$1");
  return JSON.parse(JSON.stringify({ ...context, page_url }, bounded));
}

/** For `JSON.stringify`: texts are cut, never through a pair; of an object in an object the first pairs stay. */
function bounded(name: string, value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "");
  if (!name || !value || typeof value !== "object") return value;
  const pairs = Object.entries(value).slice(0, MAX_PAIRS);
  return Object.fromEntries(pairs.map(([key, each]) => [bounded("", key), each]));
}
