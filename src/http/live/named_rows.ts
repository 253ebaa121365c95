import { changesOf } from "./live_event.ts";

/** A list of named things as somebody was told of it last, and so what there is to tell. */
export class NamedRows<Row extends { readonly name: string }> {
  #rows = new Map<string, Row>();
  #order = "";

  /**
   * Takes the rows of now. Returns their names, where other ones or another order than before, with what has changed of each: all of one
   * that is new.
   */
  changes(rows: readonly Row[]): { order?: string[]; changed?: object[] } {
    const now = new Map(rows.map((row) => [row.name, row]));
    const names = [...now.keys()];
    const changed = rows.flatMap((row) => {
      const found = changesOf(this.#rows.get(row.name), row);
      return found ? [{ name: row.name, ...found }] : [];
    });
    this.#rows = now;
    const order = JSON.stringify(names);
    const isOther = order !== this.#order;
    this.#order = order;
    return { ...(isOther && { order: names }), ...(changed.length > 0 && { changed }) };
  }
}
