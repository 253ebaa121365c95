/** What is told of the memory of a sandbox with each answer, bytes. */
export interface MemoryUse {
  /** What it holds. */
  readonly held: number;
  /** What its heap has taken of that so far. */
  readonly taken: number;
  /** How much of that its scripts used when that was last measured; 0 if it never was. */
  readonly used: number;
  /** Whether its scripts are better off in a new one: it holds much of which little is in use. */
  readonly hasGrown: boolean;
  /** Number of the event of the last batch in which memory ran out first, from 1; 0 if it did in none. */
  readonly ranOutIn: number;
  /** Whether that was because other sandboxes took what they may take together. */
  readonly isShort: boolean;
}
