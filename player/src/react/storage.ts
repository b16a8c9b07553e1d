// Functional storage of this device. Where it is forbidden or full, nothing is remembered and nothing fails.
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** `null` removes. */
export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // full or forbidden
  }
}

/** A JSON object of storage; empty when there is none or it cannot be read. */
export function readObject<Value>(key: string): Record<string, Value> {
  try {
    const value: unknown = JSON.parse(readStored(key) ?? "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, Value>) : {};
  } catch {
    return {};
  }
}
