/** Random bytes in lower-case hexadecimal. `getRandomValues` exists on http:// pages too, `randomUUID` does not. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** UUIDv7 (RFC 9562) of a time: a view's id carries its own start, and 72 random bits. */
export function uuid7(epochMs: number): string {
  const digits = epochMs.toString(16).padStart(12, "0") + randomHex(10);
  return digits.replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-7$3-8$4-"); // version 7, variant 10
}
