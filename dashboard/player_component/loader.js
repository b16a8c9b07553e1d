// Mounts the panel bundle once per element and hands it each run's data. Without the API it says so, and how to go on.

const states = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let state = states.get(parentElement);
  if (!state) {
    state = { panel: null, data, attempt: 0, gone: false };
    states.set(parentElement, state);
    load(parentElement, state, (selection) => setStateValue("selection", selection));
  }
  state.data = data;
  state.panel?.update(data);
  return () => {
    state.gone = true;
    state.panel?.unmount();
    states.delete(parentElement);
  };
}

async function load(parent, state, onSelect) {
  const host = parent.querySelector("#panel");
  const mark = state.attempt > 0 ? `?attempt=${state.attempt}` : ""; // browsers remember a failed import by its URL
  const assets = `${state.data.site_url}/assets`;
  try {
    const [{ mountPanel }] = await Promise.all([
      import(`${assets}/panel.js${mark}`),
      stylesheet(parent, `${assets}/panel.css${mark}`),
    ]);
    if (state.gone) return;
    host.replaceChildren();
    const element = host.appendChild(document.createElement("div"));
    state.panel = mountPanel(element, { onSelect });
    state.panel.update(state.data);
  } catch {
    if (!state.gone) offline(host, state.data.site_url, () => {
      state.attempt += 1;
      load(parent, state, onSelect);
    });
  }
}

function stylesheet(parent, href) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.crossOrigin = "anonymous"; // localhost and 127.0.0.1 are two sites: without it their stylesheets are refused
    link.href = href;
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      reject(new Error(href));
    };
    (parent instanceof ShadowRoot ? parent : document.head).append(link);
  });
}

function offline(host, siteUrl, retry) {
  const box = document.createElement("div");
  box.setAttribute("role", "status");
  box.style.cssText =
    "display:grid;gap:12px;justify-items:start;padding:24px;border:1px solid var(--st-border-color);" +
    "border-radius:var(--st-base-radius);background:var(--st-secondary-background-color)";
  const words = document.createElement("span");
  words.textContent =
    `Player and curves are offline: ${siteUrl} does not answer. ` +
    "Start it with `viewbox serve`; the numbers on this page come from the lake and still hold.";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Try again";
  button.style.cssText =
    "min-height:44px;padding:0 16px;border:1px solid var(--st-border-color);border-radius:var(--st-base-radius);" +
    "background:none;color:inherit;font:inherit;cursor:pointer";
  button.onclick = retry;
  box.append(words, button);
  host.replaceChildren(box);
}
