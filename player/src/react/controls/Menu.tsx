import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";

export interface MenuOption<Value> {
  value: Value;
  label: string;
  note?: string;
}

interface MenuProps<Value> {
  label: string;
  face: ReactNode;
  options: MenuOption<Value>[];
  chosen: Value;
  open: boolean;
  onOpen: (open: boolean) => void;
  onChoose: (value: Value) => void;
}

/** A button that opens a list to choose one of. Arrow keys walk, Escape closes, the focus comes back. */
export function Menu<Value extends string | number>(props: MenuProps<Value>) {
  const { label, face, options, chosen, open, onOpen, onChoose } = props;
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    list.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    const outside = (event: PointerEvent) => {
      const path = event.composedPath();
      if (list.current && button.current && !path.includes(list.current) && !path.includes(button.current))
        onOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open, onOpen]);

  const close = () => {
    onOpen(false);
    button.current?.focus();
  };
  const walk = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
    const at = items.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    if (to !== undefined || event.key === "Escape") event.preventDefault();
    event.stopPropagation(); // the player's own keys rest while a menu is open
  };

  return (
    <div className="vb-menu">
      <button
        ref={button}
        type="button"
        className="vb-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => onOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <div ref={list} id={id} className="vb-menu-list" role="menu" aria-label={label} tabIndex={-1} onKeyDown={walk}>
          {options.map((option) => (
            <button
              key={option.value}
              type="button"
              role="menuitemradio"
              aria-checked={option.value === chosen}
              tabIndex={-1}
              onClick={() => {
                onChoose(option.value);
                close();
              }}
            >
              <span>{option.label}</span>
              {option.note && <small>{option.note}</small>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
