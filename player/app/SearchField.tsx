import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { m } from "./i18n";
import { searchFor } from "./router";

const TYPING_MS = 150;

/** Looks through titles and tags of the whole library. `/` goes here, Escape empties it. */
export function SearchField({ search, tag }: { search: string; tag: string | null }) {
  const [typed, setTyped] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(search); // what this field asked for last: when it comes back, more may have been typed
  useEffect(() => {
    if (search !== asked.current) setTyped(search); // Back, or “Show everything”
    asked.current = search;
  }, [search]);
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => {
      asked.current = typed;
      searchFor(typed, tag);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, search, tag]);
  // With the field's first paint: who sees it may use its key.
  useLayoutEffect(() => {
    const life = new AbortController();
    const listen = (event: KeyboardEvent) => {
      const inField = (event.target as Element | null)?.closest?.("input, textarea, dialog");
      if (event.key !== "/" || inField || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", listen, { signal: life.signal });
    return () => life.abort();
  }, []);
  return (
    <div className="search">
      {tag !== null && (
        <button
          type="button"
          className="search-tag"
          aria-label={m.showAllTags(tag)}
          onClick={() => searchFor(typed, null)}
        >
          {tag} ×
        </button>
      )}
      <input
        ref={field}
        type="search"
        placeholder={m.search}
        aria-label={m.search}
        aria-keyshortcuts="/"
        value={typed}
        maxLength={256}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setTyped("");
        }}
      />
    </div>
  );
}
