import { type MenuMessages, menuEn } from "../i18n/menu_en";
import { useWords } from "../i18n/useWords";

/** The words of menus: those of the language, else the English ones that came with this chunk. */
export function useMenuWords(): MenuMessages {
  return useWords().menu ?? menuEn;
}
