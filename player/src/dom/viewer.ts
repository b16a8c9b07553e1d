// Who watches: by name if the host page says so, by a stored number with consent, else by one that dies with the page.
import type { View } from "../core/events";
import { randomHex } from "../core/ids";

const KEY = "viewbox.viewer";
const ID = /^[\w.:-]{1,64}$/;
const ID_BYTES = 15;
let page = "";

/** A number that dies with the page: its session, and the viewer where nothing else may be known. */
export function pageId(): string {
  page ||= randomHex(ID_BYTES);
  return page;
}

/** Global Privacy Control or Do Not Track: the person has said no, for every site. */
export function asksForPrivacy(): boolean {
  const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
  return globalPrivacyControl === true || navigator.doNotTrack === "1";
}

/** `consent` counts only where the person has not said no. */
export function currentViewer(knownId: string | undefined, consent: boolean): Pick<View, "viewer_id" | "viewer_kind"> {
  if (knownId && ID.test(knownId) && !asksForPrivacy()) return { viewer_id: knownId, viewer_kind: "known" };
  const viewer_id = consent ? stored() : null;
  if (viewer_id) return { viewer_id, viewer_kind: "stored" };
  return { viewer_id: pageId(), viewer_kind: "page" };
}

/** Forgets the stored number: consent was withdrawn. */
export function forgetViewer(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // storage is forbidden here, so nothing is in it
  }
}

function stored(): string | null {
  try {
    let id = localStorage.getItem(KEY);
    if (!id || !ID.test(id)) {
      id = randomHex(ID_BYTES);
      localStorage.setItem(KEY, id);
    }
    return id;
  } catch {
    return null;
  }
}
