// Video.js 8 with its own engine, VHS.
import "video.js/dist/video-js.css";
import { useEffect, useRef } from "react";
import videojs from "video.js";
import { SRC, show } from "./show.jsx";

function VideoJs8() {
  const box = useRef(null);
  useEffect(() => {
    const element = document.createElement("video-js");
    box.current.append(element);
    const player = videojs(element, {
      controls: true,
      muted: true,
      autoplay: true,
      playsinline: true,
      fluid: true,
      sources: [{ src: SRC, type: "application/x-mpegURL" }],
      html5: { vhs: { overrideNative: true } },
    });
    return () => player.dispose();
  }, []);
  return <div ref={box} />;
}

show(<VideoJs8 />);
