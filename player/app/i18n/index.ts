// The language of the site: what the address asks for, what the person chose, the browser's. It is settled before anything is drawn.
import { LANGUAGES, type Language, pickLanguage } from "../../src/react/i18n/language";
import { type Numbers, numbersOf } from "../../src/react/i18n/numbers";
import { readStored, writeStored } from "../../src/react/storage";
import { en, type SiteMessages } from "./en";

const KEY = "viewbox.language";

const CATALOGUES: Record<Exclude<Language, "en">, () => Promise<{ messages: SiteMessages }>> = {
  de: () => import("./de"),
  ar: () => import("./ar"),
};

/** What is said, and how numbers are written. Read them where something is drawn: `speak` sets them. */
export let m: SiteMessages = en;
export let n: Numbers = numbersOf("en");
/** BCP 47, for the player. */
export let tag = "en";

/** What was chosen; null = as the browser. */
export function chosenLanguage(): Language | null {
  const chosen = readStored(KEY);
  return LANGUAGES.find((language) => language === chosen) ?? null;
}

/** Draws the page anew in this language; null = the browser's. */
export function chooseLanguage(language: Language | null): void {
  writeStored(KEY, language);
  location.reload();
}

/** Settles the language of the page: `?lang=` of its address, the choice, the browser's; English when another one's file cannot be had. */
export async function speak(): Promise<void> {
  const asked = new URL(location.href).searchParams.get("lang");
  const wanted = pickLanguage([asked, chosenLanguage(), ...navigator.languages]);
  const catalogue = wanted.language === "en" ? { messages: en } : await CATALOGUES[wanted.language]().catch(() => null);
  if (!catalogue) return;
  m = catalogue.messages;
  n = numbersOf(wanted.tag);
  tag = wanted.tag;
  document.documentElement.lang = wanted.tag;
  document.documentElement.dir = wanted.language === "ar" ? "rtl" : "ltr";
}
