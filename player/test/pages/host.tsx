// A page that embeds the player as a library, for the browser suite: `host.mount(props)`, `host.handle`, `host.told`.
import { version } from "react";
import { createRoot, hydrateRoot, type Root } from "react-dom/client";
import { type PlayerHandle, ViewBoxPlayer, type ViewBoxPlayerProps } from "../../src/react";
import "../../src/react/tokens.css";
import "./host.css";

interface Host {
  /** Draws the player, or changes the props of the one that is there. Functions say in `told` that they were called. */
  mount(props: Props): void;
  /** Puts there what a server draws, and goes on with it. */
  hydrate(props: Props): Promise<void>;
  unmount(): void;
  react: string;
  handle: PlayerHandle | null;
  told: string[];
}

type Props = Omit<ViewBoxPlayerProps, "shareUrl" | "onTheatre" | "handle" | "next"> & {
  next?: { title: string; poster?: string };
  shares?: boolean;
  hasTheatre?: boolean;
};

declare global {
  interface Window {
    host: Host;
  }
}

let root: Root | null = null;
const told: string[] = [];
const onHandle = (handle: PlayerHandle | null) => {
  window.host.handle = handle;
};
const onNext = () => void told.push("next");
const onEnded = () => void told.push("ended");
const onTheatre = (on: boolean) => void told.push(`theatre ${on}`);
const shareUrl = (positionS: number) => `${location.origin}/film?t=${positionS}`;

const place = () => document.getElementById("player") as HTMLElement;

function drawn({ next, shares, hasTheatre, ...props }: Props) {
  return (
    <ViewBoxPlayer
      {...props}
      handle={onHandle}
      onEnded={onEnded}
      onTheatre={hasTheatre ? onTheatre : undefined}
      shareUrl={shares ? shareUrl : undefined}
      next={next && { ...next, onPlay: onNext }}
    />
  );
}

window.host = {
  react: version,
  handle: null,
  told,
  mount(props) {
    root ??= createRoot(place());
    root.render(drawn(props));
  },
  async hydrate(props) {
    const { renderToString } = await import("react-dom/server");
    place().innerHTML = renderToString(drawn(props));
    root = hydrateRoot(place(), drawn(props), { onRecoverableError: (error) => told.push(`mended ${error}`) });
  },
  unmount() {
    root?.unmount();
    root = null;
  },
};
