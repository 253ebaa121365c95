import type { FailureView } from "../errors.ts";
import { ownExcerpt } from "../excerpt.ts";
import type { Clock } from "../ports/clock.ts";

/** Rooms that have come to a version, and those that kept theirs. */
interface Moved {
  readonly version: string;
  readonly from: string;
  readonly rooms: number;
  readonly kept: number;
  readonly ms: number;
}

/** One step of an edit, or something else that has an application run other code. */
export type EditStep =
  /** `found`: there was no content before, as at a start. */
  | { readonly kind: "saved" | "found"; readonly version: string; readonly files: readonly string[] }
  /** Script hosts have loaded it. */
  | { readonly kind: "built"; readonly version: string; readonly ms: number }
  | { readonly kind: "failed"; readonly version?: string; readonly error: FailureView }
  | {
      readonly kind: "rehearsed";
      readonly version: string;
      readonly tried: number;
      readonly failed: number;
      readonly changed: number;
    }
  /** `pinned`: live rooms stay in the version that they have. */
  | ({ readonly kind: "moved" | "pinned" | "by_hand" } & Moved)
  /** One room, or the extension (null), has left the version for the one before. */
  | {
      readonly kind: "room_rolled_back";
      readonly version: string;
      readonly room: string | null;
      readonly reason: string;
    }
  /** No new room of a type can be opened in it, or the application not start again (null). */
  | {
      readonly kind: "no_first_state";
      readonly version: string;
      readonly type: string | null;
      readonly reason: string;
    }
  | {
      readonly kind: "rolled_back";
      readonly version: string;
      readonly to: string;
      readonly error: FailureView;
    }
  | { readonly kind: "quarantined"; readonly version: string }
  | { readonly kind: "started" | "unchanged"; readonly version: string }
  | { readonly kind: "removed" }
  | { readonly kind: "policy"; readonly policy: string }
  /** Pages were saved, or are gone; `more` are not named. No version comes of it. */
  | {
      readonly kind: "pages";
      readonly files: readonly string[];
      readonly gone: readonly string[];
      readonly more?: number;
    };

/** A step as it is kept: its number grows over all applications, `at` is milliseconds since the epoch. */
export type EditEntry = EditStep & {
  readonly id: number;
  readonly at: number;
  readonly application: string;
};

/** Steps that are kept of one application, and of all that are told of together. */
const MOST_OF_ONE = 200;
const MOST_OF_ALL = 500;
/** Characters of a text in a step. */
const MOST_CHARACTERS = 2_000;

/** What has become of edits, the newest of each application and of all. */
export class EditFeed {
  readonly #all: EditEntry[] = [];
  #last = 0;

  constructor(private readonly clock: Clock) {}

  /** The number of the newest step. */
  get last(): number {
    return this.#last;
  }

  /** Adds a step, and forgets the oldest one where there are too many. */
  add(application: string, step: EditStep): void {
    this.#all.push({ ...cut(step), id: ++this.#last, at: this.clock.now(), application });
    const own = this.#all.filter((entry) => entry.application === application);
    const [oldest] = own.length > MOST_OF_ONE ? own : this.#all.length > MOST_OF_ALL ? this.#all : [];
    if (oldest) this.#all.splice(this.#all.indexOf(oldest), 1);
  }

  /** Returns the steps that are kept and came after the one of that number, oldest first; of all applications, or of one. */
  after(id: number, application?: string): readonly EditEntry[] {
    if (id >= this.#last) return [];
    return this.#all.filter(
      (entry) => entry.id > id && (application === undefined || entry.application === application),
    );
  }
}

/** Returns a step whose texts are short: authors write them. */
function cut(step: EditStep): EditStep {
  if ("reason" in step) return { ...step, reason: ownExcerpt(step.reason, MOST_CHARACTERS) };
  if (!("error" in step)) return step;
  const { message, sourceLine, ...rest } = step.error;
  const line = sourceLine === undefined ? {} : { sourceLine: ownExcerpt(sourceLine, MOST_CHARACTERS) };
  return { ...step, error: { ...rest, message: ownExcerpt(message, MOST_CHARACTERS), ...line } };
}
