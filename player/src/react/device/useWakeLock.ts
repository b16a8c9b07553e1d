import { useEffect } from "react";

/** The screen stays on while `on` and the page is seen. Nothing happens where there is no wake lock, as over http. */
export function useWakeLock(on: boolean): void {
  useEffect(() => {
    const { wakeLock } = navigator as Partial<Navigator>;
    if (!on || !wakeLock) return;
    let over = false;
    let lock: WakeLockSentinel | null = null;
    const ask = async () => {
      if (document.visibilityState !== "visible") return; // the browser takes it away from a hidden page
      const given = await wakeLock.request("screen").catch(() => null); // refused on a low battery
      if (over) void given?.release();
      else lock = given;
    };
    const onVisible = () => void ask();
    void ask();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", onVisible);
      void lock?.release();
    };
  }, [on]);
}
