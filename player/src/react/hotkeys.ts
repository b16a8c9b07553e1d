// Single keys work while the player has the focus, and can be switched off (WCAG 2.1.4).
export interface KeyActions {
  togglePlay(): void;
  skip(seconds: number): void;
  goToShare(share: number): void;
  goToEnd(): void;
  changeVolume(by: number): void;
  toggleMute(): void;
  toggleFullscreen(): void;
  toggleCaptions(): void;
  changeRate(steps: number): void;
  help(): void;
}

export const KEY_HELP: [keys: string, does: string][] = [
  ["k, Space", "Play, pause"],
  ["← →", "5 seconds back, on"],
  ["j l", "10 seconds back, on"],
  ["↑ ↓", "Louder, quieter"],
  ["m", "Sound off, on"],
  ["f", "Full screen"],
  ["c", "Captions"],
  ["Home, End", "Beginning, end"],
  ["0 – 9", "To 0 % – 90 %"],
  ["< >", "Slower, faster"],
  ["?", "This list"],
];

const SWITCH = "viewbox.keys.off";

export function keysAreOn(): boolean {
  try {
    return localStorage.getItem(SWITCH) === null;
  } catch {
    return true;
  }
}

export function switchKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "1");
  } catch {
    // storage is forbidden: the keys stay as they are
  }
}

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Does what a key asks for; false when the key means nothing here. `onControl`: a button or slider has the focus. */
export function actOnKey({ key, ctrlKey, metaKey, altKey }: Key, onControl: boolean, actions: KeyActions): boolean {
  if (ctrlKey || metaKey || altKey) return false;
  if (key === " " && onControl) return false; // Space presses the focused button
  if (/^[0-9]$/.test(key)) {
    actions.goToShare(Number(key) / 10);
    return true;
  }
  const keys: Record<string, () => void> = {
    k: actions.togglePlay,
    " ": actions.togglePlay,
    ArrowLeft: () => actions.skip(-5),
    ArrowRight: () => actions.skip(5),
    j: () => actions.skip(-10),
    l: () => actions.skip(10),
    ArrowUp: () => actions.changeVolume(0.05),
    ArrowDown: () => actions.changeVolume(-0.05),
    m: actions.toggleMute,
    f: actions.toggleFullscreen,
    c: actions.toggleCaptions,
    Home: () => actions.goToShare(0),
    End: actions.goToEnd,
    "<": () => actions.changeRate(-1),
    ">": () => actions.changeRate(1),
    "?": actions.help,
  };
  const act = keys[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return act !== undefined;
}
