import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import "../src/react/tokens.css";
import "./styles/base.css";
import "./styles/header.css";
import "./styles/library.css";
import "./styles/add.css";
import "./styles/watch.css";
import "./styles/phone.css";
import { speak } from "./i18n";
import { readAddress } from "./privacy";
import { type Route, useRoute } from "./router";
import { applyTheme } from "./theme";

// Each page brings what it needs: the library has no player, the embedded player no library.
const Library = lazy(() => import("./Library").then((module) => ({ default: module.Library })));
const watchModule = () => import("./Watch");
const Watch = lazy(() => watchModule().then((module) => ({ default: module.Watch })));
const Lost = lazy(() => watchModule().then((module) => ({ default: module.Lost })));
const Embed = lazy(() => import("./embed/Embed").then((module) => ({ default: module.Embed })));

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
void speak().then(() => {
  if (root) createRoot(root).render(<Site />);
});
