// The skin of Video.js 10; its own engine does not play muxed fMP4 yet, so hls.js is attached to its <video>.
import "@videojs/react/video/skin.css";
import { Video, VideoPlayer, VideoSkin } from "@videojs/react/video";
import { useEffect, useRef } from "react";
import { attach } from "./attach.js";
import { SRC, show } from "./show.jsx";

function VideoJs10() {
  const video = useRef(null);
  useEffect(() => {
    const hls = attach(video.current, SRC);
    return () => hls.destroy();
  }, []);
  return (
    <VideoPlayer>
      <VideoSkin>
        <Video ref={video} muted autoPlay playsInline />
      </VideoSkin>
    </VideoPlayer>
  );
}

show(<VideoJs10 />);
