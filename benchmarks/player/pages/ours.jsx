// ViewBox's player with its tracker at work, as the site has it.
import "@viewbox/player/tokens.css";
import "@viewbox/player/player.css";
import { ViewBoxPlayer } from "@viewbox/player";
import { createTracker } from "@viewbox/player/tracker";
import { SRC, show } from "./show.jsx";

const tracking = { tracker: createTracker({ endpoint: "/v1/views" }), videoId: "benchmark" };

const mute = (element) => {
  const video = element?.querySelector("video");
  if (video) video.muted = true;
};

show(
  <div ref={mute}>
    <ViewBoxPlayer src={SRC} title="Benchmark" tracking={tracking} autoPlay />
  </div>,
);
