import { isBytes } from "../../protocol/bytes.ts";

/** UTF-16 units of one text that is shown. */
const MOST_UNITS = 4_096;

/** How much text one answer shows, UTF-16 units: what scripts and clients send is as long as they like. */
export class ShownText {
  #left = 2 * 1024 * 1024;

  /** Returns data as JSON where it is short, else how long it is; nothing where there is none. */
  data(text: string | undefined): { data?: unknown; dataUnits?: number } {
    if (text === undefined) return {};
    if (isBytes(text) || !this.#take(text.length)) return { dataUnits: text.length };
    try {
      return { data: JSON.parse(text) };
    } catch {
      return { dataUnits: text.length };
    }
  }

  /** Returns the beginning of a text. */
  start(text: string): string {
    const start = text.slice(0, MOST_UNITS);
    return this.#take(start.length) ? start : "…";
  }

  #take(units: number): boolean {
    if (units > MOST_UNITS || units > this.#left) return false;
    this.#left -= units;
    return true;
  }
}
