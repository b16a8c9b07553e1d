// Who watches: by name if the host page says so, by a stored number with consent, else by one that dies with the page.
import type { ViewerKind } from "../core/events";
import { randomId } from "../core/ids";

export interface Viewer {
  id: string;
  kind: ViewerKind;
}

const KEY = "viewbox.viewer";
const ID = /^[A-Za-z0-9._:-]{1,64}$/;
let pageId: string | null = null;

export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** Global Privacy Control or Do Not Track: the person has said no, for every site. */
export function asksForPrivacy(): boolean {
  const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
  return globalPrivacyControl === true || navigator.doNotTrack === "1";
}

export function currentViewer(knownId: string | undefined, consent: boolean): Viewer {
  if (asksForPrivacy()) return { id: ofThisPage(), kind: "page" };
  if (knownId !== undefined && ID.test(knownId)) return { id: knownId, kind: "known" };
  if (consent) {
    const id = stored();
    if (id) return { id, kind: "stored" };
  }
  return { id: ofThisPage(), kind: "page" };
}

/** Forgets the stored number: consent was withdrawn. */
export function forgetViewer(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // storage is forbidden here, so nothing is in it
  }
}

function ofThisPage(): string {
  pageId ??= randomId(randomBytes);
  return pageId;
}

function stored(): string | null {
  try {
    const before = localStorage.getItem(KEY);
    if (before && ID.test(before)) return before;
    const id = randomId(randomBytes);
    localStorage.setItem(KEY, id);
    return id;
  } catch {
    return null;
  }
}
