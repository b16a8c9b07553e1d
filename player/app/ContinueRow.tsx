import { m, n } from "./i18n";
import { Link } from "./Link";
import type { Begun } from "./useContinue";

/** What was begun on this device, with the place to go on from. */
export function ContinueRow({ begun }: { begun: Begun[] }) {
  return (
    <section className="continue" aria-labelledby="continue">
      <h2 id="continue">{m.continueWatching}</h2>
      <ul>
        {begun.map(({ video, positionS }) => (
          <li key={video.id}>
            <Link href={`/watch/${video.id}`}>
              <span className="card-picture">
                {video.urls.poster ? (
                  <img src={video.urls.poster} alt="" loading="lazy" />
                ) : (
                  <span className="card-blank" />
                )}
                <progress value={positionS / (video.duration_s ?? positionS)} aria-hidden="true" />
              </span>
              <span>
                <span className="card-title">{video.title}</span>
                <span className="card-status">
                  {video.duration_s === null
                    ? n.clock(positionS)
                    : m.positionOf(n.clock(positionS), n.clock(video.duration_s))}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
