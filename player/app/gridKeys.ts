// Arrow keys between the cards of a grid, as they lie on the screen; Tab works as everywhere.
import type { KeyboardEvent } from "react";

const WAYS: Record<string, (from: DOMRect, to: DOMRect) => number> = {
  // How far a card is in that direction; below zero: it is not there at all.
  ArrowRight: (from, to) => (sameRow(from, to) ? to.left - from.left : -1),
  ArrowLeft: (from, to) => (sameRow(from, to) ? from.left - to.left : -1),
  ArrowDown: (from, to) => (to.top >= from.bottom ? to.top - from.top + Math.abs(to.left - from.left) : -1),
  ArrowUp: (from, to) => (to.bottom <= from.top ? from.top - to.top + Math.abs(to.left - from.left) : -1),
};

export function moveBetweenCards(event: KeyboardEvent<HTMLElement>): void {
  const way = WAYS[event.key];
  const here = (event.target as HTMLElement).closest<HTMLElement>("a.card-link");
  if (!way || !here || event.altKey || event.ctrlKey || event.metaKey) return;
  const from = here.getBoundingClientRect();
  const [nearest] = [...event.currentTarget.querySelectorAll<HTMLElement>("a.card-link")]
    .filter((card) => card !== here)
    .map((card) => ({ card, far: way(from, card.getBoundingClientRect()) }))
    .filter(({ far }) => far > 0)
    .sort((a, b) => a.far - b.far);
  if (!nearest) return;
  event.preventDefault();
  nearest.card.focus();
}

function sameRow(one: DOMRect, other: DOMRect): boolean {
  return one.top < other.bottom && other.top < one.bottom;
}
