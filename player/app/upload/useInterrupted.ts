// Uploads of an earlier visit that stand somewhere: the page needs the same file again to go on.
import { useCallback, useEffect, useState } from "react";
import { forgetUpload, keptUploads } from "./kept";
import { useSendings } from "./queue";

const TUS = { "Tus-Resumable": "1.0.0" };

export interface Interrupted {
  readonly key: string;
  readonly url: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
}

/** What can be continued, and the way to give one up. Asks the server once how far each is. */
export function useInterrupted(): { interrupted: Interrupted[]; giveUp(one: Interrupted): void } {
  const [found, setFound] = useState<Interrupted[]>([]);
  const sendings = useSendings();
  useEffect(() => {
    const life = new AbortController();
    void Promise.all(keptUploads().map((kept) => lookUp(kept, life.signal))).then((all) => {
      if (!life.signal.aborted) setFound(all.filter((one) => one !== null));
    });
    return () => life.abort();
  }, []);
  const giveUp = useCallback((one: Interrupted) => {
    forgetUpload(one.key);
    setFound((all) => all.filter(({ key }) => key !== one.key));
    void fetch(one.url, { method: "DELETE", headers: TUS }).catch(() => undefined); // else it expires by itself
  }, []);
  useEffect(() => {
    const taken = (one: Interrupted) =>
      sendings.some(({ name, sizeBytes }) => name === one.name && sizeBytes === one.sizeBytes);
    setFound((all) => (all.some(taken) ? all.filter((one) => !taken(one)) : all)); // its file was chosen again
  }, [sendings]);
  return { interrupted: found, giveUp };
}

async function lookUp(
  { urlStorageKey: key, uploadUrl: url, size, metadata }: ReturnType<typeof keptUploads>[number],
  signal: AbortSignal,
): Promise<Interrupted | null> {
  if (!url || size === null) return null;
  const answer = await fetch(url, { method: "HEAD", headers: TUS, signal }).catch(() => null);
  if (answer && (answer.status === 404 || answer.status === 410 || answer.headers.has("Viewbox-Video-Id"))) {
    forgetUpload(key); // expired, or a video already
    return null;
  }
  if (!answer?.ok) return null; // not to be had now; it is looked for again next time
  const sentBytes = Number(answer.headers.get("Upload-Offset") ?? 0);
  return { key, url, name: metadata.filename ?? "", sizeBytes: size, sentBytes };
}
