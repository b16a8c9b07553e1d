import { type KeyboardEvent, useEffect, useRef } from "react";
import type { MenuPage } from "../controls/ControlBar";
import { Icon } from "../controls/icons";
import type { Timeline } from "../controls/Scrubber";
import type { Remote } from "../device/remote";
import { useWords } from "../i18n/useWords";
import type { CaptionStyle } from "../preferences";
import type { Controls } from "../useControls";
import type { Playback } from "../usePlayback";
import type { Session } from "../useSession";
import { CaptionStyleForm } from "./CaptionStyleForm";
import { type Row, rowsOf, titleOf } from "./rows";
import { ShareForm } from "./ShareForm";
import { useMenuWords } from "./useMenuWords";
import "./menus.css";

/** What the pages of the menu show and change. */
export interface MenuParts {
  session: Session;
  controls: Controls;
  playback: Playback;
  timeline: Timeline;
  remote: Remote | null;
  shareUrl: ((positionS: number) => string) | undefined;
  onStats: () => void;
  /** The control bar leaves out what the menu then offers. */
  narrow: boolean;
}

interface MenuPanelProps {
  /** The page whose button was pressed: there is no page before it. */
  opener: MenuPage;
  page: MenuPage;
  parts: MenuParts;
  onPage: (page: MenuPage) => void;
  /** `refocus`: the focus goes back to the button that opened the menu. */
  onClose: (refocus: boolean) => void;
  /** A choice was made of the caption style. */
  onCaptionStyle: (style: CaptionStyle) => void;
}

const FORMS: readonly MenuPage[] = ["captionStyle", "share"];

/** The open menu: one page at a time, a sheet at the foot of a narrow screen. Arrows walk, Escape closes. */
export function MenuPanel({ opener, page, parts, onPage, onClose, onCaptionStyle }: MenuPanelProps) {
  const words = useWords();
  const m = useMenuWords();
  const panel = useRef<HTMLDivElement>(null);
  const { narrow } = parts;
  const form = FORMS.includes(page);

  useEffect(() => {
    const element = panel.current;
    if (!narrow || !element?.showPopover) return;
    element.popover = "manual"; // the top layer: the picture is too small to hold a list
    element.showPopover();
    return () => element.hidePopover();
  }, [narrow]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each page takes the focus when it comes
  useEffect(() => {
    const first = '[role^="menuitem"]:not([data-back]), select, button:not([data-back]), input';
    const wanted = panel.current?.querySelector<HTMLElement>('[aria-checked="true"]');
    (wanted ?? panel.current?.querySelector<HTMLElement>(first))?.focus();
  }, [page]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const path = event.composedPath();
      const onOpener = path.some((node) => node instanceof HTMLElement && node.dataset.menu !== undefined);
      if (panel.current && !path.includes(panel.current) && !onOpener) onClose(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [onClose]);

  const goBack = () => onPage(opener);
  const take = (row: Row) => {
    if (row.opens) onPage(row.opens);
    else {
      onClose(true);
      row.act?.();
    }
  };
  const walk = (event: KeyboardEvent) => {
    event.stopPropagation(); // the player's own keys rest while a menu is open
    if (event.key === "Escape" || (event.key === "Tab" && !form)) {
      event.preventDefault();
      onClose(true);
      return;
    }
    if (form) return;
    const items = [...(panel.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = items.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    const [backwards, onwards] = words.dir === "rtl" ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
    if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    else if (event.key === backwards && page !== opener) goBack();
    else if (event.key === onwards && items[at]?.ariaHasPopup) items[at]?.click();
    else return;
    event.preventDefault();
  };

  const title = titleOf(page, words, m);
  return (
    <div ref={panel} className="vb-menu" dir={words.dir} lang={words.tag}>
      {form ? (
        <div role="dialog" aria-label={title} tabIndex={-1} onKeyDown={walk}>
          <button type="button" className="vb-row" data-back onClick={goBack}>
            <BackFace title={title} back={m.back} />
          </button>
          {page === "captionStyle" && <CaptionStyleForm onChange={onCaptionStyle} />}
          {page === "share" && parts.shareUrl && (
            <ShareForm shareUrl={parts.shareUrl} positionS={parts.playback.positionS} />
          )}
        </div>
      ) : (
        <div role="menu" aria-label={title} tabIndex={-1} onKeyDown={walk}>
          {page === opener ? (
            <p role="presentation">{title}</p>
          ) : (
            <button type="button" role="menuitem" className="vb-row" data-back tabIndex={-1} onClick={goBack}>
              <BackFace title={title} back={m.back} />
            </button>
          )}
          {rowsOf(page, parts, words, m).map((row) => (
            <RowButton key={row.key} row={row} onTake={() => take(row)} />
          ))}
        </div>
      )}
    </div>
  );
}

function BackFace({ title, back }: { title: string; back: string }) {
  return (
    <>
      <Icon name="before" />
      <b>{title}</b>
      <span className="vb-hidden">, {back}</span>
    </>
  );
}

function RowButton({ row, onTake }: { row: Row; onTake: () => void }) {
  const face = (
    <>
      <span dir="auto">{row.label}</span>
      {row.note && <small dir="auto">{row.note}</small>}
      {row.opens && <Icon name="onwards" />}
    </>
  );
  if (row.checked === undefined)
    return (
      <button
        type="button"
        role="menuitem"
        className="vb-row"
        aria-haspopup={row.opens ? "true" : undefined}
        tabIndex={-1}
        onClick={onTake}
      >
        {face}
      </button>
    );
  return (
    <button
      type="button"
      role="menuitemradio"
      className="vb-row"
      aria-checked={row.checked}
      tabIndex={-1}
      onClick={onTake}
    >
      {face}
    </button>
  );
}
