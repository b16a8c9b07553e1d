// What a page says about a view, within the contract's bounds: the server refuses a message that is beyond them.
import { type Context, MAX_PAIRS, MAX_TEXT } from "./events";

/** The context without what is too much, and its address without query and fragment. Texts are cut when they are sent. */
export function boundedContext(context: Context): Context {
  const { page_url, custom, experiment } = context;
  return {
    ...context,
    page_url: page_url?.replace(/[?#].*/s, ""),
    custom: bounded(custom),
    experiment: bounded(experiment),
  };
}

/** The first pairs whose names are short enough. */
function bounded<Value>(pairs: Record<string, Value> | null | undefined): Record<string, Value> | null | undefined {
  const short = ([name]: [string, unknown]) => name.length <= MAX_TEXT;
  return pairs && Object.fromEntries(Object.entries(pairs).filter(short).slice(0, MAX_PAIRS));
}
