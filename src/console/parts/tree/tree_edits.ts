/** A way into a value: keys of objects and places in lists, from the outermost. */
export type Path = readonly (string | number)[];

/** What can be done to a value that is shown as a tree. */
export interface Edits {
  /** Puts a value at a path, where one is or none yet. */
  put(path: Path, value: unknown): void;
  /** Takes out what is at a path; what is behind it in a list moves up. */
  takeOut(path: Path): void;
}

/** Returns the value that a JSON text stands for; a text that is none is told by `problem`. */
export function parsed(text: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "no JSON: a text stands in quotes" };
  }
}
