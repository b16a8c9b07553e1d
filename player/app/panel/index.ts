/** The dashboard's panel: `mountPanel(element, host)` draws it, `update(data)` changes it in place. */

import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "../../src/react/tokens.css";
import { Panel } from "./Panel";
import "./panel.css";
import type { PanelData, PanelHost } from "./types";

export interface MountedPanel {
  /** New numbers change the curves; the video goes on playing. */
  update(data: PanelData): void;
  unmount(): void;
}

/** Mounts into an element of its own, which may lie in a shadow root that holds panel.css. */
export function mountPanel(element: HTMLElement, host: PanelHost): MountedPanel {
  const life = new AbortController();
  const root = createRoot(element.appendChild(document.createElement("div")));
  let shown: PanelData | null = null;
  const draw = () => {
    if (!shown) return;
    root.render(createElement(Panel, { key: shown.video.id, data: shown, host, theme: themeAround(element) }));
  };
  onThemeChange(element, draw, life.signal);
  return {
    update: (data) => {
      shown = data;
      draw();
    },
    unmount: () => {
      life.abort();
      root.unmount();
    },
  };
}

/** Calls back when the page's theme has changed: its variable changes the probe's colour, whose transition says so. */
function onThemeChange(element: HTMLElement, changed: () => void, signal: AbortSignal): void {
  const probe = element.appendChild(document.createElement("span"));
  probe.className = "vb-panel-probe";
  probe.addEventListener("transitionend", changed, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed, { signal });
}

/** Streamlit's theme, as far as light or dark goes; the system's where the page says nothing. */
export function themeAround(element: HTMLElement): "light" | "dark" {
  const background = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const hex = /^#([0-9a-f]{6})$/i.exec(background)?.[1];
  if (!hex) return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}
