// A page that embeds the player as a library, for the browser suite: `host.mount(props)`, `host.handle`, `host.told`.
import { createRoot, type Root } from "react-dom/client";
import { type PlayerHandle, ViewBoxPlayer, type ViewBoxPlayerProps } from "../../src/react";
import "../../src/react/tokens.css";
import "./host.css";

interface Host {
  /** Draws the player, or changes the props of the one that is there. Functions say in `told` that they were called. */
  mount(props: Props): void;
  unmount(): void;
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

window.host = {
  handle: null,
  told,
  mount({ next, shares, hasTheatre, ...props }) {
    root ??= createRoot(document.getElementById("player") as HTMLElement);
    root.render(
      <ViewBoxPlayer
        {...props}
        handle={onHandle}
        onEnded={onEnded}
        onTheatre={hasTheatre ? onTheatre : undefined}
        shareUrl={shares ? shareUrl : undefined}
        next={next && { ...next, onPlay: onNext }}
      />,
    );
  },
  unmount() {
    root?.unmount();
    root = null;
  },
};
