import type {
  KeptEvent,
  KeptScript,
  ScriptJournal,
  Unsaved,
} from "../../../../src/core/ports/script_journal.ts";

/** A journal in memory that commits when the test says so, or a loop turn later; it fails where the test wants it to. */
export class KeptScriptJournal implements ScriptJournal {
  kept?: KeptScript;
  problem: string | undefined;
  /** Whether commits wait for `commit`. */
  isHeld = false;
  /** Adds that wait to be committed. */
  readonly waiting: [KeptEvent, Unsaved][] = [];
  /** What was called, for tests of what is written. */
  readonly calls: string[] = [];
  /** How far effects were carried out, by the event's number. */
  readonly effects: [seq: number, effects: number | undefined][] = [];
  #script: KeptScript | undefined;
  #isDue = false;

  /** `script` is what a script comes back by. */
  constructor(script?: KeptScript) {
    if (script) this.kept = script;
    this.#script = script;
  }

  /** What would bring the script back now, as a store writes and reads it. */
  get script(): KeptScript {
    if (!this.#script) throw new Error("The script has not begun.");
    return JSON.parse(JSON.stringify(this.#script));
  }

  begin(script: KeptScript): void {
    this.calls.push(`begin ${script.events.length}`);
    this.#script = { ...script, events: [...script.events] };
  }

  add(event: KeptEvent, unsaved: Unsaved): void {
    this.calls.push(`add ${event.seq}`);
    this.waiting.push([event, unsaved]);
    if (this.isHeld || this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.isHeld) this.commit();
    });
  }

  /** Commits what waits, or fails it while there is a problem. */
  commit(isSaved = this.problem === undefined): void {
    const all = this.waiting.splice(0);
    if (isSaved && this.#script) {
      const added = all.map(([event]) => event);
      const numbers = new Set(added.map(({ seq }) => seq));
      const events = this.#script.events.filter(({ seq }) => !numbers.has(seq));
      this.#script = { ...this.#script, events: [...events, ...added] };
    }
    for (const [, unsaved] of all) unsaved.settled(isSaved);
  }

  remove(seq: number): void {
    this.calls.push(`remove ${seq}`);
    const script = this.#script;
    if (script) this.#script = { ...script, events: script.events.filter((event) => event.seq !== seq) };
  }

  delivered(seq: number, effects?: number): void {
    this.effects.push([seq, effects]);
  }
}
