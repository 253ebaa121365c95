/** A way into a value: keys of objects and places in lists, from the outermost. */
export type Path = readonly (string | number)[];

/** What can be done to a value that is shown as a tree; `was` and `before` are what is there as it is shown. */
export interface Edits {
  /** Puts a value at a path, where one is or none yet. */
  put(path: Path, value: unknown, was?: unknown): void;
  /** Puts a value before what is at a place of a list, or behind its last. */
  insert(path: Path, value: unknown, before?: unknown): void;
  /** Takes out what is at a path; what is behind it in a list moves up. */
  takeOut(path: Path, was: unknown): void;
}

/** An edit as the API takes it. */
export interface Edit {
  readonly path: Path;
  readonly value?: unknown;
  readonly insert?: true;
  /** What must be there. */
  readonly expected?: unknown;
}

/** Returns what makes edits of a tree by `make`. Those by a place in a list expect what was seen there, since places move. */
export function editsBy(make: (edit: Edit) => void): Edits {
  const expecting = (edit: Edit, expected: unknown) => {
    const isByPlace = edit.path.some((step) => typeof step === "number");
    make(isByPlace && expected !== undefined ? { ...edit, expected } : edit);
  };
  return {
    put: (path, value, was) => expecting({ path, value }, was),
    insert: (path, value, before) => expecting({ path, value, insert: true }, before),
    takeOut: (path, was) => expecting({ path }, was),
  };
}

/** Returns the value that a JSON text stands for; a text that is none is told by `problem`. */
export function parsed(text: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "no JSON: a text stands in quotes" };
  }
}
