import { createContext, useContext, useEffect, useState } from "react";
import { ENGLISH, loadWords, pickLanguage, type Words, wordsAtHand } from "./language";

const WordsContext = createContext<Words>(ENGLISH);
export const WordsProvider = WordsContext.Provider;

/** The words of the player around. */
export function useWords(): Words {
  return useContext(WordsContext);
}

/**
 * The words of `lang`, else of the browser's languages; English until they are here, or when they cannot be had. The
 * first render asks neither browser nor network: a server draws the same.
 */
export function useLanguage(lang: string | undefined): Words {
  const [words, setWords] = useState<Words>(ENGLISH);
  useEffect(() => {
    let wanted = true;
    const { language, tag } = pickLanguage([lang, ...navigator.languages]);
    const atHand = wordsAtHand(language, tag);
    if (atHand) setWords(atHand);
    else
      loadWords(language, tag)
        .then((loaded) => wanted && setWords(loaded))
        .catch(() => undefined); // English is better than nothing
    return () => {
      wanted = false;
    };
  }, [lang]);
  return words;
}
