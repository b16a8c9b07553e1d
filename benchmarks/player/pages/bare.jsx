// What the goal is measured against: a <video> in React with hls.js, and nothing else.
import { useEffect, useRef } from "react";
import { attach } from "./attach.js";
import { SRC, show } from "./show.jsx";

function Bare() {
  const video = useRef(null);
  useEffect(() => {
    const hls = attach(video.current, SRC);
    return () => hls.destroy();
  }, []);
  return <video ref={video} muted autoPlay playsInline controls />;
}

show(<Bare />);
