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
  toggleTheatre(): void;
  togglePip(): void;
  changeRate(steps: number): void;
  help(): void;
}

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
  /** The key's place, for layouts that write no Latin letters. */
  code?: string;
  shiftKey?: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const BRACKETS: Record<string, string> = { Comma: "<", Period: ">", Slash: "?" };

/** What a key means: its own sign, or, where it writes another script, the Latin one of its place. */
function meaning({ key, code = "", shiftKey }: Key): string {
  if (key.length !== 1) return key;
  if (/^[ -~]$/.test(key)) return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code)?.[1] ?? /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  return letter?.toLowerCase() ?? (shiftKey ? (BRACKETS[code] ?? key) : key);
}

/** Does what a key asks for; false when the key means nothing here. `onControl`: a button or slider has the focus. */
export function actOnKey(event: Key, onControl: boolean, actions: KeyActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const key = meaning(event);
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
    t: actions.toggleTheatre,
    i: actions.togglePip,
    Home: () => actions.goToShare(0),
    End: actions.goToEnd,
    "<": () => actions.changeRate(-1),
    ">": () => actions.changeRate(1),
    "?": actions.help,
  };
  const act = Object.hasOwn(keys, key) ? keys[key] : undefined;
  act?.();
  return act !== undefined;
}
