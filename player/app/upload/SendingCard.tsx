import { Link } from "../Link";
import { percent, sentText } from "../words";
import { dismiss, goOn, pause, type Sending } from "./queue";
import type { Interrupted } from "./useInterrupted";

/** A file on its way: how much of it has gone, and the ways to stop and to go on. */
export function SendingCard({ sending }: { sending: Sending }) {
  const { id, name, sizeBytes, sentBytes, stage, problem, videoId } = sending;
  return (
    <li className="card card-sending" data-stage={stage}>
      <div className="card-picture">
        <span className="card-blank">{stageText(sending)}</span>
        <progress value={sizeBytes > 0 ? sentBytes / sizeBytes : 0} aria-label={`Uploading ${name}`} />
      </div>
      <span className="card-title">{name}</span>
      {stage !== "failed" && <p className="card-status">{sentText(sentBytes, sizeBytes)}</p>}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {stage === "lost" && <p className="card-status">The connection is lost. It goes on by itself.</p>}
      <p className="card-ways">
        {(stage === "sending" || stage === "lost" || stage === "waiting") && (
          <button type="button" onClick={() => pause(id)} aria-label={`Pause ${name}`}>
            Pause
          </button>
        )}
        {stage === "paused" && (
          <button type="button" onClick={() => goOn(id)} aria-label={`Go on with ${name}`}>
            Go on
          </button>
        )}
        {stage === "done" && videoId ? (
          <Link href={`/watch/${videoId}`} className="button">
            Open
          </Link>
        ) : (
          <button type="button" onClick={() => dismiss(id)} aria-label={`Give up ${name}`}>
            Give up
          </button>
        )}
      </p>
    </li>
  );
}

/** An upload of an earlier visit: a page may not read a file again by itself. */
export function InterruptedCard(props: { one: Interrupted; onChoose: () => void; onGiveUp: () => void }) {
  const { name, sizeBytes, sentBytes } = props.one;
  return (
    <li className="card card-sending" data-stage="interrupted">
      <div className="card-picture">
        <span className="card-blank">Interrupted at {percent(sentBytes / sizeBytes)}</span>
        <progress value={sentBytes / sizeBytes} aria-label={`Uploaded of ${name}`} />
      </div>
      <span className="card-title">{name}</span>
      <p className="card-status">{sentText(sentBytes, sizeBytes)}. Choose the same file, and it goes on from there.</p>
      <p className="card-ways">
        <button type="button" onClick={props.onChoose}>
          Choose the file
        </button>
        <button type="button" onClick={props.onGiveUp} aria-label={`Give up ${name}`}>
          Give up
        </button>
      </p>
    </li>
  );
}

function stageText({ stage, sentBytes, sizeBytes }: Sending): string {
  switch (stage) {
    case "waiting":
      return "Waiting for its turn";
    case "sending":
      return sentBytes < sizeBytes ? `Uploading ${percent(sentBytes / sizeBytes)}` : "Uploaded, saving";
    case "lost":
      return `Interrupted at ${percent(sentBytes / sizeBytes)}`;
    case "paused":
      return `Paused at ${percent(sentBytes / sizeBytes)}`;
    case "failed":
      return "Not uploaded";
    case "done":
      return "Uploaded";
  }
}
