/** The screen stays on until `life` aborts, while the page is seen. Nothing happens where there is no wake lock (http). */
export function holdWakeLock(life: AbortSignal): void {
  const { wakeLock } = navigator as Partial<Navigator>;
  if (!wakeLock || !isGranted()) return;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (document.visibilityState !== "visible") return; // the browser takes it away from a hidden page
    const given = await wakeLock.request("screen").catch(() => null); // refused on a low battery
    if (life.aborted) void given?.release();
    else lock = given;
  };
  void ask();
  document.addEventListener("visibilitychange", () => void ask(), { signal: life });
  life.addEventListener("abort", () => void lock?.release());
}

interface FeaturePolicy {
  allowsFeature(name: string): boolean;
}

/** Whether the page around a frame lets it ask: asking without would be an error in its console. */
function isGranted(): boolean {
  const { featurePolicy } = document as { featurePolicy?: FeaturePolicy }; // Chromium's; others refuse silently
  return featurePolicy?.allowsFeature("screen-wake-lock") ?? true;
}
