import { useCallback, useEffect, useState } from "react";

/**
 * A part of the player that comes when it is wanted: null until it is here. `load` and `onFailure` must not change.
 * `approach` fetches it before it is wanted. When it cannot be had, the next wish asks again.
 */
export function useModule<Module>(
  load: () => Promise<Module>,
  wanted: boolean,
  onFailure?: () => void,
): [module: Module | null, approach: () => void] {
  const [module, setModule] = useState<Module | null>(null);
  const approach = useCallback(() => {
    load()
      .then((loaded) => setModule(() => loaded))
      .catch(() => onFailure?.());
  }, [load, onFailure]);
  useEffect(() => {
    if (wanted && !module) approach();
  }, [wanted, module, approach]);
  return [module, approach];
}
