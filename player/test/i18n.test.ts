import { expect, test } from "vitest";
import { messages as siteAr } from "../app/i18n/ar";
import { messages as siteDe } from "../app/i18n/de";
import { en as siteEn } from "../app/i18n/en";
import { LANGUAGES, loadWords, pickLanguage } from "../src/react/i18n/language";
import { menuEn } from "../src/react/i18n/menu_en";
import { numbersOf } from "../src/react/i18n/numbers";

test("the first language that there is wins, with its region; else English", () => {
  expect(pickLanguage([undefined, "fr", "de-AT", "en"])).toEqual({ language: "de", tag: "de-AT" });
  expect(pickLanguage(["ar-EG"])).toEqual({ language: "ar", tag: "ar-EG" });
  expect(pickLanguage(["fr", "", null])).toEqual({ language: "en", tag: "en" });
  expect(pickLanguage(["de-!"])).toEqual({ language: "en", tag: "en" }); // Intl would throw on it
});

test("numbers, times and shares as each language writes them", () => {
  const [en, de, egypt] = [numbersOf("en"), numbersOf("de"), numbersOf("ar-EG")];
  expect([en.clock(65), en.clock(3730), en.clock(Number.NaN)]).toEqual(["1:05", "1:02:10", "0:00"]);
  expect(egypt.clock(65)).toBe("١:٠٥");
  expect([en.rate(1.25), de.rate(1.25)]).toEqual(["1.25×", "1,25×"]);
  expect([en.percent(0.42), de.percent(0.42)]).toEqual(["42\u202f%", "42\u202f%"]);
  expect(egypt.percent(0.42)).toContain("٤٢٪");
  expect([en.count(1.25, 1), de.count(1.25, 1)]).toEqual(["1.3", "1,3"]);
});

test("times for ears know their plurals", () => {
  expect(numbersOf("en").spoken(3661)).toBe("1 hour 1 minute 1 second");
  expect(numbersOf("de").spoken(122)).toBe("2 Minuten, 2 Sekunden");
  expect(numbersOf("en").spoken(0)).toBe("0 seconds");
  expect(numbersOf("ar").spoken(120)).toBe("دقيقتان");
});

/** Every text of a catalogue, with arguments put in, by its path. */
function texts(catalogue: object, path = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]): [string, string][] => {
    const name = `${path}${key}`;
    if (typeof value === "string") return [[name, value]];
    if (typeof value === "function") return [[name, (value as (...args: string[]) => string)("⟨1⟩", "⟨2⟩", "⟨3⟩")]];
    return texts(value as object, `${name}.`);
  });
}

test.each(LANGUAGES)("%s says everything, and uses every value it is given", async (language) => {
  const words = await loadWords(language, language);
  const english = await loadWords("en", "en");
  const pairs: [object, object][] = [
    [words.m, english.m],
    [words.menu ?? menuEn, menuEn],
    [{ en: siteEn, de: siteDe, ar: siteAr }[language], siteEn],
  ];
  for (const [said, meant] of pairs) {
    const own = new Map(texts(said));
    for (const [name, text] of texts(meant)) {
      expect(own.get(name)?.trim(), name).toBeTruthy();
      for (const value of ["⟨1⟩", "⟨2⟩", "⟨3⟩"])
        expect(own.get(name)?.includes(value), name).toBe(text.includes(value));
    }
  }
  expect(words.dir).toBe(language === "ar" ? "rtl" : "ltr");
});

test("Arabic is written in Arabic, but for names", async () => {
  const { m } = await loadWords("ar", "ar");
  for (const [name, text] of texts(m))
    if (name !== "airplay") expect(text, name).toMatch(/\p{Script=Arabic}|×|^⟨1⟩ ث$/u);
});
