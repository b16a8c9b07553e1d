import { m } from "../i18n";
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
        <progress value={sizeBytes > 0 ? sentBytes / sizeBytes : 0} aria-label={m.uploadingName(name)} />
      </div>
      <span className="card-title">{name}</span>
      {stage !== "failed" && <p className="card-status">{sentText(sentBytes, sizeBytes)}</p>}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {stage === "lost" && <p className="card-status">{m.connectionLost}</p>}
      <p className="card-ways">
        {(stage === "sending" || stage === "lost" || stage === "waiting") && (
          <button type="button" onClick={() => pause(id)} aria-label={m.pauseName(name)}>
            {m.pause}
          </button>
        )}
        {stage === "paused" && (
          <button type="button" onClick={() => goOn(id)} aria-label={m.goOnName(name)}>
            {m.goOn}
          </button>
        )}
        {stage === "done" && videoId ? (
          <Link href={`/watch/${videoId}`} className="button">
            {m.open}
          </Link>
        ) : (
          <button type="button" onClick={() => dismiss(id)} aria-label={m.giveUpName(name)}>
            {m.giveUp}
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
        <span className="card-blank">{m.interrupted(percent(sentBytes / sizeBytes))}</span>
        <progress value={sentBytes / sizeBytes} aria-label={m.uploadedOf(name)} />
      </div>
      <span className="card-title">{name}</span>
      <p className="card-status">
        {sentText(sentBytes, sizeBytes)}. {m.sameFile}
      </p>
      <p className="card-ways">
        <button type="button" onClick={props.onChoose}>
          {m.chooseFile}
        </button>
        <button type="button" onClick={props.onGiveUp} aria-label={m.giveUpName(name)}>
          {m.giveUp}
        </button>
      </p>
    </li>
  );
}

function stageText({ stage, sentBytes, sizeBytes }: Sending): string {
  switch (stage) {
    case "waiting":
      return m.queued;
    case "sending":
      return sentBytes < sizeBytes ? m.uploading(percent(sentBytes / sizeBytes)) : m.uploadedSaving;
    case "lost":
      return m.interrupted(percent(sentBytes / sizeBytes));
    case "paused":
      return m.paused(percent(sentBytes / sizeBytes));
    case "failed":
      return m.notUploaded;
    case "done":
      return m.uploaded;
  }
}
