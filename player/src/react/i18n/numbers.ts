// Numbers and times as a language writes and speaks them.
import { wholeSeconds } from "../format";

export interface Numbers {
  /** `1:05`, `1:02:10`: positions and durations for people. */
  clock(seconds: number): string;
  /** `1 minute 5 seconds`: the same for ears. */
  spoken(seconds: number): string;
  /** `42 %`. */
  percent(share: number): string;
  /** `1×`, `1.25×`. */
  rate(rate: number): string;
  count(value: number, decimals?: number): string;
}

export function numbersOf(tag: string): Numbers {
  const plain = new Intl.NumberFormat(tag, { useGrouping: false });
  const two = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 });
  const share = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 });
  const rates = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  const list = new Intl.ListFormat(tag, { type: "unit", style: "narrow" });
  const spokenUnit = (count: number, unit: string) =>
    new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }).format(count);
  return {
    clock(seconds) {
      const whole = wholeSeconds(seconds);
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor(whole / 60) % 60;
      const tail = `${(hours > 0 ? two : plain).format(minutes)}:${two.format(whole % 60)}`;
      return hours > 0 ? `${plain.format(hours)}:${tail}` : tail;
    },
    spoken(seconds) {
      const whole = wholeSeconds(seconds);
      const parts = [
        [Math.floor(whole / 3600), "hour"],
        [Math.floor(whole / 60) % 60, "minute"],
        [whole % 60, "second"],
      ] as const;
      const told = parts.filter(([count]) => count > 0);
      return list.format(told.map(([count, unit]) => spokenUnit(count, unit))) || spokenUnit(0, "second");
    },
    // The house writes a thin space where a language writes nothing or a no-break space.
    percent: (value) => share.format(Math.min(1, Math.max(0, value))).replace(/(\d)\s?%/, "$1\u2009%"),
    rate: (rate) => `${rates.format(rate)}×`,
    count: (value, decimals = 0) =>
      new Intl.NumberFormat(tag, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value),
  };
}
