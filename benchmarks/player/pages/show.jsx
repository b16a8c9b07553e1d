import { createRoot } from "react-dom/client";

/** What a page plays; the address may name another list of the same stream. */
export const SRC = new URL(location.href).searchParams.get("src") ?? "/stream/one.m3u8";

export function show(element) {
  createRoot(document.getElementById("root")).render(element);
}
