// Vidstack's default layout; without a library of ours it would fetch hls.js from another host.
import "@vidstack/react/player/styles/default/theme.css";
import "@vidstack/react/player/styles/default/layouts/video.css";
import { isHLSProvider, MediaPlayer, MediaProvider } from "@vidstack/react";
import { DefaultVideoLayout, defaultLayoutIcons } from "@vidstack/react/player/layouts/default";
import Hls from "hls.js/light";
import { SRC, show } from "./show.jsx";

function useOurHls(provider) {
  if (!isHLSProvider(provider)) return;
  provider.library = Hls;
  provider.config = { enableWorker: false };
}

show(
  <MediaPlayer src={SRC} title="Benchmark" muted autoPlay playsInline load="eager" onProviderChange={useOurHls}>
    <MediaProvider />
    <DefaultVideoLayout icons={defaultLayoutIcons} />
  </MediaPlayer>,
);
