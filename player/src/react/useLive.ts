import { useEffect, useState } from "react";
import type { LiveClient, Master, Now, Progress } from "../live";
import { firstPicture } from "./firstPicture";

/** The newest of what the server pushed about a video; null until the first. */
export interface Live {
  now: Now | null;
  progress: Progress | null;
  master: Master | null;
  /** Pushes arrive: nothing needs to be polled. */
  connected: boolean;
  /** There is no such video any more. */
  gone: boolean;
}

const NOTHING: Live = { now: null, progress: null, master: null, connected: false, gone: false };

/** Listens to a video while the component is mounted. `videoId` null: to none. `site`: where ViewBox is, by default here. */
export function useLive(videoId: string | null, site?: string): Live {
  const [live, setLive] = useState(NOTHING);
  useEffect(() => {
    setLive(NOTHING);
    if (videoId === null) return;
    const add = (news: Partial<Live>) => setLive((before) => ({ ...before, ...news }));
    let client: LiveClient | null = null;
    let left = false;
    const open = async () => {
      await firstPicture();
      if (left) return;
      const { liveUrl, openLive } = await import("../live");
      if (left) return;
      client = openLive(liveUrl(videoId, site), {
        onMessage(message) {
          if (message.type === "live") add({ now: message });
          else if (message.type === "progress") add({ progress: message });
          else add({ master: message });
        },
        // Old news of a lost line are still the newest there are, but for who is here now.
        onConnected: (connected) => add(connected ? { connected } : { connected, now: null }),
        onGone: () => add({ gone: true }),
      });
    };
    open().catch(() => undefined); // without pushes the page polls
    return () => {
      left = true;
      client?.close();
    };
  }, [videoId, site]);
  return live;
}
