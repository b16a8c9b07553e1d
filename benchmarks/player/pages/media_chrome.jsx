import {
  MediaCaptionsButton,
  MediaControlBar,
  MediaController,
  MediaDurationDisplay,
  MediaFullscreenButton,
  MediaLoadingIndicator,
  MediaMuteButton,
  MediaPipButton,
  MediaPlayButton,
  MediaPosterImage,
  MediaSeekBackwardButton,
  MediaSeekForwardButton,
  MediaTimeDisplay,
  MediaTimeRange,
  MediaVolumeRange,
} from "media-chrome/react";
import {
  MediaCaptionsMenu,
  MediaPlaybackRateMenu,
  MediaRenditionMenu,
  MediaSettingsMenu,
  MediaSettingsMenuButton,
  MediaSettingsMenuItem,
} from "media-chrome/react/menu";
import { useEffect, useRef } from "react";
import { attach } from "./attach.js";
import { SRC, show } from "./show.jsx";

function MediaChrome() {
  const video = useRef(null);
  useEffect(() => {
    const hls = attach(video.current, SRC);
    return () => hls.destroy();
  }, []);
  return (
    <MediaController style={{ width: "100%" }}>
      <video ref={video} slot="media" muted autoPlay playsInline />
      <MediaPosterImage slot="poster" />
      <MediaLoadingIndicator slot="centered-chrome" />
      <MediaSettingsMenu hidden anchor="auto">
        <MediaSettingsMenuItem>
          Speed
          <MediaPlaybackRateMenu slot="submenu" hidden />
        </MediaSettingsMenuItem>
        <MediaSettingsMenuItem>
          Quality
          <MediaRenditionMenu slot="submenu" hidden />
        </MediaSettingsMenuItem>
        <MediaSettingsMenuItem>
          Captions
          <MediaCaptionsMenu slot="submenu" hidden />
        </MediaSettingsMenuItem>
      </MediaSettingsMenu>
      <MediaControlBar>
        <MediaPlayButton />
        <MediaSeekBackwardButton />
        <MediaSeekForwardButton />
        <MediaTimeRange />
        <MediaTimeDisplay showDuration />
        <MediaDurationDisplay />
        <MediaMuteButton />
        <MediaVolumeRange />
        <MediaCaptionsButton />
        <MediaSettingsMenuButton />
        <MediaPipButton />
        <MediaFullscreenButton />
      </MediaControlBar>
    </MediaController>
  );
}

show(<MediaChrome />);
