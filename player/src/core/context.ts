// What a page says about a view, cut to the contract's bounds: the server refuses a message whose texts are longer.
import { type Context, MAX_TEXT } from "./events";

// As viewbox/events/decode.py: browsers read a backslash in an address as a slash.
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:[/\\]+|[/\\]{2,})?[^/\\]*@/i;

type Pairs = NonNullable<Context["custom"]>;

/** The context with every text short enough to be taken. An address loses its credentials, query and fragment first. */
export function boundedContext(context: Context): Context {
  const bounded = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, cut(value)])) as Context;
  if (typeof context.page_url === "string") bounded.page_url = cut(withoutSecrets(context.page_url));
  if (context.custom) bounded.custom = cutPairs(context.custom);
  if (context.experiment) bounded.experiment = cutPairs(context.experiment);
  return bounded;
}

function cutPairs(pairs: Pairs): Pairs {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [cut(name), cut(value)]));
}

function withoutSecrets(address: string): string {
  return (address.split(/[?#]/, 1)[0] ?? "").replace(CREDENTIALS, "$1");
}

/** The first characters of a text, never half of a pair: half a character is no text that can be stored. */
export function cut<T>(value: T): T {
  if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
  return value.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, "") as T;
}
