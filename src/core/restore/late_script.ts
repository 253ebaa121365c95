import type { Version } from "../ports/build.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { RehearsalResult } from "../ports/rehearsal.ts";
import type { KeptAs, Script, ScriptView } from "../ports/script.ts";
import type { Timeline } from "../ports/timeline.ts";
import type { ScriptJournal } from "../ports/script_journal.ts";
import type { EventTrace } from "../trace/event_trace.ts";

/** A script that is opened later, and then gets in order what it was asked for until then. */
export class LateScript implements Script {
  #script: Script | undefined;
  #waiting: ((script: Script) => void)[] = [];
  #events = 0;

  /** `asked` is called when somebody waits for it. */
  constructor(
    private readonly name: string,
    private readonly asked: () => void,
  ) {}

  get version(): string {
    return this.#script?.version ?? this.name;
  }

  get view(): ScriptView {
    return this.#script?.view ?? { waiting: this.#events, isComingBack: true };
  }

  /** Hands what comes from now on to a script at once; what came before waits for `open`. */
  begin(script: Script): void {
    this.#script = script;
  }

  /** Hands over what came until then. */
  open(): void {
    const script = this.#script as Script;
    for (const ask of this.#waiting.splice(0)) ask(script);
  }

  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void, kept?: KeptAs, trace?: EventTrace): void {
    if (this.#script) return this.#script.dispatch(event, done, kept, trace);
    this.#events++;
    // A tick is left out by whoever waits for nothing else.
    if (event.kind !== "tick") this.asked();
    this.#waiting.push((script) => script.dispatch(event, done, kept, trace));
  }

  swap(version: Version): Promise<number> {
    return this.#later((script) => script.swap(version));
  }

  goBack(version: Version): Promise<number> {
    return this.#later((script) => script.goBack(version));
  }

  settle(): void {
    this.#ask((script) => script.settle());
  }

  rehearse(version: Version): Promise<RehearsalResult> {
    return this.#later((script) => script.rehearse(version));
  }

  timeline(): Timeline | undefined {
    return this.#script?.timeline();
  }

  readState(): Promise<JsonText> {
    return this.#later((script) => script.readState());
  }

  keep(journal: ScriptJournal | undefined): void {
    this.#ask((script) => script.keep(journal));
  }

  abandon(reason: string): void {
    this.#ask((script) => script.abandon(reason));
  }

  close(): void {
    this.#ask((script) => script.close());
  }

  #later<T>(ask: (script: Script) => Promise<T>): Promise<T> {
    this.asked();
    return new Promise((resolve, reject) => this.#ask((script) => ask(script).then(resolve, reject)));
  }

  #ask(ask: (script: Script) => void): void {
    if (this.#script) ask(this.#script);
    else this.#waiting.push(ask);
  }
}
