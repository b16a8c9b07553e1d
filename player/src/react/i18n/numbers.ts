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

/** Languages that write 0–9: their small whole numbers need no Intl, whose first use is slow. */
const OWN_DIGITS = /^(en|de)(-[A-Z]{2})?$/;

export function numbersOf(tag: string): Numbers {
  // Each is made when it is first asked for, once: together they cost a slow phone a good part of its first frame.
  const made = new Map<string, Intl.NumberFormat>();
  const format = (value: number, options: Intl.NumberFormatOptions): string => {
    const key = JSON.stringify(options);
    const known = made.get(key) ?? new Intl.NumberFormat(tag, options);
    made.set(key, known);
    return known.format(value);
  };
  const whole = (value: number, digits = 1) =>
    OWN_DIGITS.test(tag) && value < 1000
      ? String(value).padStart(digits, "0")
      : format(value, { minimumIntegerDigits: digits, useGrouping: false });
  const list = once(() => new Intl.ListFormat(tag, { type: "unit", style: "narrow" }));
  const spokenUnit = (count: number, unit: string) => format(count, { style: "unit", unit, unitDisplay: "long" });
  return {
    clock(seconds) {
      const all = wholeSeconds(seconds);
      const hours = Math.floor(all / 3600);
      const tail = `${whole(Math.floor(all / 60) % 60, hours > 0 ? 2 : 1)}:${whole(all % 60, 2)}`;
      return hours > 0 ? `${whole(hours)}:${tail}` : tail;
    },
    spoken(seconds) {
      const all = wholeSeconds(seconds);
      const parts = [
        [Math.floor(all / 3600), "hour"],
        [Math.floor(all / 60) % 60, "minute"],
        [all % 60, "second"],
      ] as const;
      const told = parts.filter(([count]) => count > 0);
      if (told.length === 0) return spokenUnit(0, "second");
      return list().format(told.map(([count, unit]) => spokenUnit(count, unit)));
    },
    // The house writes a thin space where a language writes nothing or a no-break space.
    percent(value) {
      const share = Math.min(1, Math.max(0, value));
      if (OWN_DIGITS.test(tag)) return `${Math.round(share * 100)}\u202f%`;
      return format(share, { style: "percent", maximumFractionDigits: 0 }).replace(/(\d)\s?%/, "$1\u202f%");
    },
    rate: (rate) => `${Number.isInteger(rate) ? whole(rate) : format(rate, { maximumFractionDigits: 2 })}×`,
    count: (value, decimals = 0) =>
      decimals === 0 && Number.isInteger(value) && value >= 0 && value < 1000
        ? whole(value)
        : format(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  };
}

function once<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
