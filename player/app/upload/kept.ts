// Uploads that this browser has begun and not ended: how they are found again after a reload.
import type { PreviousUpload, UrlStorage } from "tus-js-client";

const KEY = "viewbox.uploads";
const MOST = 50; // older ones are forgotten; the server forgets them after three days anyway

export interface KeptUpload extends PreviousUpload {
  fingerprint: string;
}

export function keptUploads(): KeptUpload[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((entry) => typeof entry?.uploadUrl === "string") : [];
  } catch {
    return []; // storage is forbidden or holds nonsense: uploads can be continued as long as the page lives
  }
}

export function forgetUpload(key: string): void {
  write(keptUploads().filter((entry) => entry.urlStorageKey !== key));
}

function write(entries: KeptUpload[]): void {
  try {
    if (entries.length > 0) localStorage.setItem(KEY, JSON.stringify(entries.slice(-MOST)));
    else localStorage.removeItem(KEY);
  } catch {
    // full or forbidden
  }
}

/** The same for tus-js-client. */
export const storage: UrlStorage = {
  findAllUploads: async () => keptUploads(),
  findUploadsByFingerprint: async (fingerprint) => keptUploads().filter((entry) => entry.fingerprint === fingerprint),
  removeUpload: async (key) => forgetUpload(key),
  addUpload: async (fingerprint, upload) => {
    const key = `${Date.now()}-${Math.random()}`;
    write([...keptUploads(), { ...upload, fingerprint, urlStorageKey: key }]);
    return key;
  },
};
