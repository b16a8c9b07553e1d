import { Suspense } from "react";
import { createRoot } from "react-dom/client";
import "../src/react/tokens.css";
import "./styles/base.css";
import "./styles/header.css";
import "./styles/library.css";
import "./styles/add.css";
import "./styles/watch.css";
import "./styles/phone.css";
import { speak } from "./i18n";
import { pageOf } from "./page";
import { readAddress } from "./privacy";
import { type Route, routeOf, useRoute } from "./router";
import { applyTheme } from "./theme";

// Each page brings what it needs: the library has no player, the embedded player no library.
const Library = pageOf(() => import("./Library").then((module) => module.Library));
const Watch = pageOf(() => import("./Watch").then((module) => module.Watch));
const Lost = pageOf(() => import("./Watch").then((module) => module.Lost));
const Embed = pageOf(() => import("./embed/Embed").then((module) => module.Embed));
const PAGES = { library: Library, watch: Watch, embed: Embed, lost: Lost };

function Site() {
  const route = useRoute();
  return <Suspense>{page(route)}</Suspense>;
}

function page(route: Route) {
  switch (route.name) {
    case "library":
      return <Library search={route.search} tag={route.tag} />;
    case "watch":
      return <Watch key={route.id} id={route.id} startS={route.startS} />;
    case "embed":
      return <Embed id={route.id} startS={route.startS} />;
    case "lost":
      return <Lost />;
  }
}

readAddress(new URL(location.href));
applyTheme();
const root = document.getElementById("root");
const opened = routeOf(new URL(location.href));
const answered = "id" in opened && import("./firstVideo").then(({ askFirst }) => askFirst(opened.id));
void Promise.allSettled([speak(), PAGES[opened.name].load(), answered]).then(() => {
  if (root) createRoot(root).render(<Site />);
});
