import type { Build, Version } from "../../core/ports/build.ts";
import type { Script, Subject } from "../../core/ports/script.ts";
import type { ScriptJournal } from "../../core/ports/script_journal.ts";
import type { MemoryShortage } from "../../core/ports/memory_shortage.ts";
import type { Scripts } from "../../core/ports/scripts.ts";

/** Scripts of which it is known whether all that they were asked for is done. */
export class BusyScripts implements Scripts {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  constructor(private readonly scripts: Scripts) {}

  /** Whether something is under way. */
  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.isBusy ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  load(build: Build): Promise<Version> {
    return this.#count(this.scripts.load(build));
  }

  open(version: Version, subject: Subject, journal?: ScriptJournal): Script {
    const script = this.scripts.open(version, subject, journal);
    const dispatch = script.dispatch.bind(script);
    script.dispatch = (event, done, kept) => {
      this.#underWay++;
      const told = (outcome: Parameters<NonNullable<typeof done>>[0]) => {
        this.#ended();
        done?.(outcome);
      };
      dispatch(event, told, kept);
    };
    return script;
  }

  firstStateFault(version: Version) {
    return this.scripts.firstStateFault(version);
  }

  shortage(version: Version): MemoryShortage | undefined {
    return this.scripts.shortage(version);
  }

  unload(version: Version): void {
    this.scripts.unload(version);
  }

  hosts() {
    return this.scripts.hosts();
  }

  sandboxes(application: string) {
    return this.scripts.sandboxes(application);
  }

  share(application: string) {
    return this.scripts.share(application);
  }

  stop(ms?: number) {
    return this.scripts.stop(ms);
  }

  #count<Value>(task: Promise<Value>): Promise<Value> {
    this.#underWay++;
    return task.finally(() => this.#ended());
  }

  #ended(): void {
    if (--this.#underWay > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
