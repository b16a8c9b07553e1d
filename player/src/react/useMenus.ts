import { useCallback, useEffect, useState } from "react";

type Menus = typeof import("./menus");

/** The chunk of menus and dialogs: asked for when one is wanted or will be; null until it is here. */
export function useMenus(wanted: boolean, onFailure: () => void): [menus: Menus | null, approach: () => void] {
  const [menus, setMenus] = useState<Menus | null>(null);
  const approach = useCallback(() => {
    import("./menus").then(setMenus).catch(onFailure);
  }, [onFailure]);
  useEffect(() => {
    if (wanted && !menus) approach();
  }, [wanted, menus, approach]);
  return [menus, approach];
}
