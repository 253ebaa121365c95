/** What keys do outside of fields: `/` filters, `?` tells, `g` and a letter goes somewhere. */
import { signal } from "@preact/signals";
import { go, spot } from "../parts/address.ts";
import { sections } from "./sections.ts";

/** Whether the list of keys is shown. */
export const isHelpShown = signal(false);

/** How long `g` waits for its letter, ms. */
const CHORD_MS = 3000;
let chordUntil = 0;

/** Begins to listen. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (handles(event.key)) event.preventDefault();
  });
}

function handles(key: string): boolean {
  const chord = Date.now() < chordUntil;
  chordUntil = 0;
  if (chord) return follow(key);
  switch (key) {
    case "g":
      chordUntil = Date.now() + CHORD_MS;
      return true;
    case "/":
      return focusFilter();
    case "?":
      isHelpShown.value = !isHelpShown.value;
      return true;
    default:
      return false;
  }
}

function follow(key: string): boolean {
  if (key === "o") {
    go();
    return true;
  }
  const application = spot.value?.application;
  const section = sections.find((one) => one.key === key);
  if (application === undefined || !section) return false;
  go("a", application, section.name);
  return true;
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>("input[type=search]");
  filter?.focus();
  return filter !== null;
}

function isTyping({ target }: KeyboardEvent): boolean {
  const element = target as HTMLElement | null;
  if (element?.closest?.("input, textarea, select, dialog, [contenteditable]")) return true;
  // The editor lives in a shadow tree of its own.
  return element?.shadowRoot?.activeElement != null;
}
