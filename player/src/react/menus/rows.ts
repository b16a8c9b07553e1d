// What each page of the menu offers, as rows: the page draws them, the keyboard walks them.
import { AUTO_LEVEL, NO_TRACK, type TrackChoice } from "../../dom/engine";
import type { MenuPage } from "../controls/ControlBar";
import type { Words } from "../i18n/language";
import type { MenuMessages } from "../i18n/menu_en";
import { RATES } from "../useControls";
import type { MenuParts } from "./MenuPanel";

export interface Row {
  key: string;
  label: string;
  note?: string;
  /** Set: one of several, of which one is chosen. */
  checked?: boolean;
  /** Another page; the menu stays open. */
  opens?: MenuPage;
  act?: () => void;
}

export function rowsOf(page: MenuPage, parts: MenuParts, words: Words, m: MenuMessages): Row[] {
  switch (page) {
    case "settings":
      return settingsRows(parts, words, m);
    case "quality":
      return qualityRows(parts, words, m);
    case "speed":
      return RATES.map((rate) => ({
        key: String(rate),
        label: words.rate(rate),
        note: rate === 1 ? m.normal : undefined,
        checked: rate === parts.playback.rate,
        act: () => parts.controls.setRate(rate),
      }));
    case "audio":
      return parts.session.sounds.map((track) => ({
        key: String(track.index),
        label: trackName(track, words, m),
        checked: track.index === parts.session.sound,
        act: () => parts.session.selectSound(track.index),
      }));
    case "captions":
      return captionRows(parts, words, m);
    case "chapters":
      return parts.timeline.chapters.map(({ startS, endS, text }) => ({
        key: String(startS),
        label: text,
        note: words.clock(startS),
        checked: startS <= parts.playback.positionS && parts.playback.positionS < endS,
        act: () => parts.controls.seek(startS, "chapter"),
      }));
    case "captionStyle":
    case "share":
      return []; // forms, not lists
  }
}

export function titleOf(page: MenuPage, words: Words, m: MenuMessages): string {
  return page === "settings" ? words.m.settings : m[page];
}

function settingsRows(parts: MenuParts, words: Words, m: MenuMessages): Row[] {
  const { session, playback, timeline, controls, remote, shareUrl, narrow } = parts;
  const shown = session.levels[session.shownLevel];
  const chosen = session.levels[session.selectedLevel];
  const height = (level: { height: number } | undefined) => (level ? `${level.height}p` : "");
  const opens = (page: MenuPage, note?: string): Row => ({
    key: page,
    label: titleOf(page, words, m),
    note,
    opens: page,
  });
  const sound = session.sounds.find(({ index }) => index === session.sound);
  const text = session.texts.find(({ index }) => index === session.text);
  const rows: (Row | false)[] = [
    session.levels.length > 1 && opens("quality", chosen ? height(chosen) : shown ? m.autoNow(height(shown)) : m.auto),
    opens("speed", words.rate(playback.rate)),
    session.sounds.length > 1 && opens("audio", sound && trackName(sound, words, m)),
    session.texts.length > 0 && opens("captions", text ? trackName(text, words, m) : m.off),
    session.texts.length > 0 && opens("captionStyle"),
    timeline.chapters.length > 1 && opens("chapters"),
    shareUrl !== undefined && opens("share"),
    narrow && document.pictureInPictureEnabled && { key: "pip", label: words.m.pip, act: controls.togglePip },
    narrow && remote !== null && { key: "remote", label: words.m[remote.kind], act: remote.choose },
    { key: "stats", label: m.stats, act: parts.onStats },
    { key: "keyboard", label: m.keyboard, act: controls.help },
  ];
  return rows.filter((row) => row !== false);
}

function qualityRows({ session }: MenuParts, words: Words, m: MenuMessages): Row[] {
  const { levels, shownLevel, selectedLevel, selectLevel } = session;
  const shown = levels[shownLevel];
  const auto: Row = {
    key: "auto",
    label: selectedLevel === AUTO_LEVEL && shown ? m.autoNow(`${shown.height}p`) : m.auto,
    checked: selectedLevel === AUTO_LEVEL,
    act: () => selectLevel(AUTO_LEVEL),
  };
  const byHeight = levels.toReversed().map(({ index, height, bitrateBps }) => ({
    key: String(index),
    label: `${height}p`,
    note: m.megabits(words.count(bitrateBps / 1e6, 1)),
    checked: index === selectedLevel,
    act: () => selectLevel(index),
  }));
  return [auto, ...byHeight];
}

function captionRows({ session }: MenuParts, words: Words, m: MenuMessages): Row[] {
  const off: Row = {
    key: "off",
    label: m.off,
    checked: session.text === NO_TRACK,
    act: () => session.selectText(NO_TRACK),
  };
  const tracks = session.texts.map((track) => ({
    key: String(track.index),
    label: trackName(track, words, m),
    checked: track.index === session.text,
    act: () => session.selectText(track.index),
  }));
  return [off, ...tracks];
}

/** Its own name, else its language's name in the language of the controls, else its number. */
export function trackName({ label, lang, index }: TrackChoice, words: Words, m: MenuMessages): string {
  if (label) return label;
  if (!lang || lang === "und") return m.track(words.count(index + 1));
  try {
    return new Intl.DisplayNames(words.tag, { type: "language" }).of(lang) ?? lang;
  } catch {
    return lang; // not a language tag
  }
}
