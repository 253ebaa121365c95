/** The script API as the editor completes it; `.ci/api_table.ts` makes it from the declarations that other editors are given. */

/** One name of the script API: what a module exports, a member of a type, a key of an object. */
export interface ApiEntry {
  /** `*` where any name will do: a message's type, a timer. */
  readonly name: string;
  /** What follows the name, short: `(name, ms, data?)`, `: string`. */
  readonly detail: string;
  /** One sentence. */
  readonly doc: string;
  /** The type that it has, where the table has that: `Room`, `User[]`. */
  readonly type?: string;
  /** Of what is called, or of a handler: its parameters, each with its type, and what comes back. */
  readonly params?: readonly { readonly name: string; readonly type?: string }[];
  readonly returns?: string;
}

/** What one module of the script API gives. */
export interface ApiTable {
  readonly exports: readonly ApiEntry[];
  /** Names that are there without an import. */
  readonly globals: readonly ApiEntry[];
  /** Members by the name of their type; one that has no name of its own is known by where it stands: `defineRoom.definition`. */
  readonly types: Readonly<Record<string, readonly ApiEntry[]>>;
}

/** By module: `hotroom`, `hotroom/test`. */
export type ApiTables = Readonly<Record<string, ApiTable>>;
