import { useEffect, useLayoutEffect } from "react";

/** An effect that the first paint does not delay: what the first picture waits for begins here. Nothing on a server. */
export const useAtOnce = typeof document === "undefined" ? useEffect : useLayoutEffect;
