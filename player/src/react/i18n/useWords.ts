import { createContext, useContext, useEffect, useState } from "react";
import { ENGLISH, loadWords, pickLanguage, type Words, wordsAtHand } from "./language";

const WordsContext = createContext<Words>(ENGLISH);
export const WordsProvider = WordsContext.Provider;

/** The words of the player around. */
export function useWords(): Words {
  return useContext(WordsContext);
}

/** The words of `lang`, else of the browser's languages; English until they are here, or when they cannot be had. */
export function useLanguage(lang: string | undefined): Words {
  const { language, tag } = pickLanguage([lang, ...(typeof navigator === "undefined" ? [] : navigator.languages)]);
  const [words, setWords] = useState<Words>(() => wordsAtHand(language, tag) ?? ENGLISH);
  useEffect(() => {
    let wanted = true;
    loadWords(language, tag)
      .then((loaded) => wanted && setWords(loaded))
      .catch(() => undefined); // English is better than nothing
    return () => {
      wanted = false;
    };
  }, [language, tag]);
  return words;
}
