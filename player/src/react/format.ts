/** Whole seconds that are over; half a millisecond forgives arithmetic, which makes 12.9999999 of 13. */
export function wholeSeconds(seconds: number): number {
  return Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds + 0.0005 : 0));
}

/** `1:05`, `1:02:10`: positions and durations for people; the dashboard's `wording.clock` writes the same. */
export function clockText(seconds: number): string {
  const whole = wholeSeconds(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** `1 minute 5 seconds`: the same for ears. */
export function spokenTime(seconds: number): string {
  const whole = wholeSeconds(seconds);
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ] as const;
  const spoken = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return spoken.join(" ") || "0 seconds";
}

/** `1×`, `1.25×`. */
export function rateText(rate: number): string {
  return `${Number(rate.toFixed(2))}×`;
}
