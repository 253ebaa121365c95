import type { Clock } from "../../../core/ports/clock.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import type { ScriptJournal } from "../../../core/ports/script_journal.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import type { Journal } from "../recovery/journal.ts";
import type { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { PostedResult } from "../sandbox/slot.ts";
import { Gate, type GateOwner } from "./gate.ts";
import { KeptJournal } from "./kept_journal.ts";
import type { Proofs } from "./proofs.ts";
import type { SavedAnswers } from "./saved_answers.ts";

/** The life of a script as its keeping sees it. */
export interface KeepingOwner extends GateOwner {
  /** What brings it back now, and in which version. */
  readonly journal: Journal;
  readonly openVersion: LoadedVersion;
  /** Hears what keeps the script from now on; undefined where nothing does. */
  keptIn(journal: ScriptJournal | undefined): void;
}

/** What a script is kept with. */
export interface KeepingDeps {
  readonly clock: Clock;
  /** What the application's answers come through by. */
  readonly saved: SavedAnswers;
  /** What proves snapshots; without it none is proved. */
  readonly proofs?: Proofs;
}

/** Has a script kept while it is durable, and be as any other while it is not. */
export class Keeping {
  #gate: Gate | undefined;

  constructor(
    private readonly owner: KeepingOwner,
    private readonly deps: KeepingDeps,
    private readonly script: ScriptRequest,
  ) {}

  /** Whether events can't be saved at the moment, though they have to be. */
  get isShut(): boolean {
    return this.#gate?.isShut === true;
  }

  /** Whether the script is durable. */
  get isDurable(): boolean {
    return this.#gate !== undefined;
  }

  /** Has the script kept in `journal`, which knows all of it already where `isKnown`. */
  begin(journal: ScriptJournal, isKnown: boolean): void {
    const { clock, saved } = this.deps;
    const kept = new KeptJournal(journal, this.script.seed, isKnown ? this.owner.journal : undefined);
    this.#gate = new Gate(this.owner, kept, saved, clock);
    this.owner.keptIn(journal);
  }

  /** Has the script kept in another journal, or in none, once what was answered is carried out. */
  change(journal: ScriptJournal | undefined): void {
    this.after(() => {
      this.close();
      this.owner.keptIn(undefined);
      if (!journal) return this.owner.goOn();
      this.begin(journal, false);
      this.look();
    });
  }

  /** Has the store know what brings the script back now. */
  look(): void {
    this.#gate?.keep(this.owner.journal, this.owner.openVersion);
  }

  /** Has it proved that a snapshot, which is about to begin the journal again, can be led to by that. */
  prove({ value }: Outcome): void {
    if (!this.#gate || value === undefined) return;
    this.deps.proofs?.offer(this.script, this.owner.openVersion, this.owner.journal, value);
  }

  /** Saves what is kept of an event that took down what it ran in. */
  keepRest(rest: Call): void {
    this.#gate?.keepRest(rest, () => this.look());
  }

  /** Takes an answer, which the owner is to note when it is saved. Returns false if the script is not durable. */
  take(result: PostedResult): boolean {
    this.#gate?.take(result);
    return this.#gate !== undefined;
  }

  /** Does something at once, or when what was answered is carried out. */
  after(act: () => void): void {
    if (this.#gate) this.#gate.after(act);
    else act();
  }

  /** Does what is to be done about the sandbox, which was lost, when what it has answered is carried out. */
  lost(act: () => void): void {
    if (this.#gate) this.#gate.lost(act);
    else act();
  }

  /** Returns true if the script must wait with its events; then it is told to go on once they can be saved. */
  mustWait(): boolean {
    return this.#gate?.mustWait() === true;
  }

  /** Drops what is not carried out of a sandbox that the script has left. */
  left(): void {
    this.#gate?.left();
  }

  /** Lets go of everything. */
  close(): void {
    this.#gate?.close();
    this.#gate = undefined;
  }
}
