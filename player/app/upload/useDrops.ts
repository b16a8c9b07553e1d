// Files and links that land anywhere on the page: dropped with the mouse, or pasted outside of a field.
import { useEffect, useState } from "react";
import { linksIn } from "../words";

export interface Landing {
  files(files: File[]): void;
  links(links: string[]): void;
}

/** Returns whether something that could be dropped here is held over the page. */
export function useDrops({ files, links }: Landing): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const life = new AbortController();
    const { signal } = life;
    let depth = 0; // enter and leave are told of every element on the way
    const fits = (event: DragEvent) =>
      event.dataTransfer?.types.some((type) => type === "Files" || type === "text/uri-list") ?? false;
    const enter = (event: DragEvent) => {
      if (!fits(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!fits(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!event.dataTransfer || !fits(event)) return;
      event.preventDefault();
      land(event.dataTransfer);
    };
    const paste = (event: ClipboardEvent) => {
      const inField = (event.target as Element | null)?.closest?.("input, textarea, [contenteditable]");
      if (!event.clipboardData || inField) return;
      land(event.clipboardData);
    };
    const land = (data: DataTransfer) => {
      const landed = [...data.files];
      const text = data.getData("text/uri-list") || data.getData("text/plain");
      const found = linksIn(text.replace(/^#.*$/gm, "")); // a uri-list may hold comments
      if (landed.length > 0) files(landed);
      else if (found) links(found);
    };
    document.addEventListener("dragenter", enter, { signal });
    document.addEventListener("dragleave", leave, { signal });
    document.addEventListener("dragover", (event) => fits(event) && event.preventDefault(), { signal });
    document.addEventListener("drop", drop, { signal });
    document.addEventListener("paste", paste, { signal });
    return () => life.abort();
  }, [files, links]);
  return over;
}
