import { AddVideo } from "./AddVideo";
import type { Video } from "./api";
import { m, n } from "./i18n";
import { goTo } from "./router";
import { Failure } from "./VideoCard";
import { leftText, percent, statusText } from "./words";

/** In the player's place while there is nothing to play: how far it is, or why it will not be. */
export function Preparing({ video, onChanged }: { video: Video; onChanged: () => void }) {
  if (video.status === "external") {
    return (
      <div className="stage-blank">
        <p>{m.playsOnAnotherSite}</p>
      </div>
    );
  }
  if (video.status === "failed") {
    return (
      <div className="stage-blank stage-failed">
        <h2>{m.notPrepared}</h2>
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
        <progress value={video.status === "queued" ? undefined : video.progress} aria-label={m.wholeVideo} />
        {video.renditions.length > 0 && (
          <ul className="rungs">
            {video.renditions.map((rendition) => (
              <li key={rendition.height}>
                <span>{rendition.height}p</span>
                <progress value={rendition.progress} aria-label={`${rendition.height}p`} />
                <span>{rendition.progress >= 1 ? m.rungReady : percent(rendition.progress)}</span>
              </li>
            ))}
          </ul>
        )}
        <p className="help">
          {video.duration_s !== null && m.long(n.clock(video.duration_s))}
          {leftS > 0 && m.about(leftText(leftS))}
          {m.playsSoon}
        </p>
      </div>
    </div>
  );
}
