/** Fills an array with random bytes; `crypto.getRandomValues` exists on http:// pages too, `randomUUID` does not. */
export type RandomBytes = (count: number) => Uint8Array;

/** UUIDv7 (RFC 9562) of a time: a view's id carries its own start. */
export function uuid7(epochMs: number, random: RandomBytes): string {
  const bytes = new Uint8Array(16);
  bytes.set(random(10), 6);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(epochMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f); // version 7
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f); // variant
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A random id of 120 bits in lower-case hexadecimal. */
export function randomId(random: RandomBytes): string {
  return Array.from(random(15), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
