// Mux's player with its monitoring, whose beacons stay on this machine.
import MuxPlayer from "@mux/mux-player-react";
import { SRC, show } from "./show.jsx";

show(
  <MuxPlayer
    src={SRC}
    muted
    autoPlay="muted"
    streamType="on-demand"
    preferPlayback="mse"
    envKey="benchmark"
    beaconCollectionDomain={`localhost:${location.port}`}
    metadata={{ video_id: "benchmark" }}
  />,
);
