import { useEffect, useState } from "react";
import { firstPicture } from "../src/react/firstPicture";

/** Whether there is a picture on the page, or nobody waits for one any longer: what surrounds it may be asked for. */
export function useFirstPicture(): boolean {
  const [isThere, setIsThere] = useState(false);
  useEffect(() => {
    let left = false;
    firstPicture().then(() => left || setIsThere(true));
    return () => {
      left = true;
    };
  }, []);
  return isThere;
}
