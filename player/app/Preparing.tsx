import { clockText } from "../src/react/format";
import { AddVideo } from "./AddVideo";
import type { Video } from "./api";
import { goTo } from "./router";
import { Failure } from "./VideoCard";
import { leftText, percent, statusText } from "./words";

/** In the player's place while there is nothing to play: how far it is, or why it will not be. */
export function Preparing({ video, onChanged }: { video: Video; onChanged: () => void }) {
  if (video.status === "external") {
    return (
      <div className="stage-blank">
        <p>This video plays on another site. ViewBox only counts how it is watched.</p>
      </div>
    );
  }
  if (video.status === "failed") {
    return (
      <div className="stage-blank stage-failed">
        <h2>This video could not be prepared.</h2>
        <Failure video={video} onChanged={() => (video.error?.retryable ? onChanged() : goTo("/"))} />
        <AddVideo onAdded={(added) => goTo(`/watch/${added.id}`)} onFiles={() => goTo("/")} />
      </div>
    );
  }
  const leftS = Math.max(0, ...video.renditions.map(({ eta_s }) => eta_s ?? 0));
  return (
    <div
      className="stage-blank stage-busy"
      style={video.urls.poster ? { backgroundImage: `url("${video.urls.poster}")` } : {}}
    >
      <div className="stage-card" role="status">
        <h2>{statusText(video)}</h2>
        <progress value={video.status === "queued" ? undefined : video.progress} aria-label="Whole video" />
        {video.renditions.length > 0 && (
          <ul className="rungs">
            {video.renditions.map((rendition) => (
              <li key={rendition.height}>
                <span>{rendition.height}p</span>
                <progress value={rendition.progress} aria-label={`${rendition.height}p`} />
                <span>{rendition.progress >= 1 ? "ready" : percent(rendition.progress)}</span>
              </li>
            ))}
          </ul>
        )}
        <p className="help">
          {video.duration_s !== null && `${clockText(video.duration_s)} long. `}
          {leftS > 0 && `About ${leftText(leftS)}. `}It starts to play here as soon as it can.
        </p>
      </div>
    </div>
  );
}
