// Which language a person reads, and its words: English at once, the others when their file has come.

import { en, type Messages } from "./en";
import type { MenuMessages } from "./menu_en";
import { type Numbers, numbersOf } from "./numbers";

export const LANGUAGES = ["en", "de", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch", ar: "العربية" };

export interface Words extends Numbers {
  language: Language;
  /** BCP 47, with the region that decides about digits. */
  tag: string;
  dir: "ltr" | "rtl";
  m: Messages;
  /** Of languages whose menus come with their words; English menus bring their own. */
  menu: MenuMessages | null;
}

interface Catalogue {
  messages: Messages;
  menu: MenuMessages;
}

const CATALOGUES: Record<Exclude<Language, "en">, () => Promise<Catalogue>> = {
  de: () => import("./de"),
  ar: () => import("./ar"),
};

/** The first wanted language that there is, as (language, full tag); English when there is none. */
export function pickLanguage(wanted: readonly (string | null | undefined)[]): { language: Language; tag: string } {
  for (const tag of wanted) {
    const language = LANGUAGES.find((each) => each === tag?.toLowerCase().split("-")[0]);
    if (tag && language && isTag(tag)) return { language, tag };
  }
  return { language: "en", tag: "en" };
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function wordsOf(language: Language, tag: string, m: Messages, menu: MenuMessages | null): Words {
  return { language, tag, dir: language === "ar" ? "rtl" : "ltr", m, menu, ...numbersOf(tag) };
}

const known = new Map<string, Words>();

/** English numbers and words. */
export const ENGLISH = wordsOf("en", "en", en, null);

/** The words when they are here already. */
export function wordsAtHand(language: Language, tag: string): Words | undefined {
  const words = known.get(tag) ?? (language === "en" ? wordsOf(language, tag, en, null) : undefined);
  if (words) known.set(tag, words);
  return words;
}

/** Rejects when the file of the language cannot be had. */
export async function loadWords(language: Language, tag: string): Promise<Words> {
  const atHand = wordsAtHand(language, tag);
  if (atHand || language === "en") return atHand ?? ENGLISH;
  const { messages, menu } = await CATALOGUES[language]();
  const words = wordsOf(language, tag, messages, menu);
  known.set(tag, words);
  return words;
}
