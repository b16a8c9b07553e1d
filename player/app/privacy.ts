// What this browser was told to keep to itself. Each switch is one key of functional storage.
const NOT_COUNTED = "viewbox.notrack";
const CONSENT = "viewbox.consent";

function flag(key: string): { get(): boolean; set(on: boolean): void } {
  return {
    get() {
      try {
        return localStorage.getItem(key) === "1";
      } catch {
        return false;
      }
    },
    set(on) {
      try {
        if (on) localStorage.setItem(key, "1");
        else localStorage.removeItem(key);
      } catch {
        // storage is forbidden: nothing is remembered
      }
    },
  };
}

/** Staff do not count: `?notrack=1` on any page of the site, until `?notrack=0`. */
export const notCounted = flag(NOT_COUNTED);
/** The person agreed to be recognised on this device. */
export const consent = flag(CONSENT);

export function readAddress(url: URL): void {
  const asked = url.searchParams.get("notrack");
  if (asked === "1") notCounted.set(true);
  if (asked === "0") notCounted.set(false);
}

/** Whether this page load may report views; `?notrack=1` holds also where storage is forbidden. */
export function countsHere(url: URL): boolean {
  return url.searchParams.get("notrack") !== "1" && !notCounted.get();
}
