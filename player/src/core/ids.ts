/** Fills an array with random bytes; `crypto.getRandomValues` exists on http:// pages too, `randomUUID` does not. */
export type RandomBytes = (count: number) => Uint8Array;

/** UUIDv7 (RFC 9562) of a time: a view's id carries its own start, and 72 random bits. */
export function uuid7(epochMs: number, random: RandomBytes): string {
  const digits = epochMs.toString(16).padStart(12, "0") + hex(random(10));
  return digits.replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-7$3-8$4-"); // version 7, variant 10
}

/** A random id of 120 bits in lower-case hexadecimal. */
export function randomId(random: RandomBytes): string {
  return hex(random(15));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
