import type { Build, Version } from "../../src/core/ports/build.ts";
import type { Outcome } from "../../src/core/ports/outcome.ts";
import type { Script, Subject } from "../../src/core/ports/script.ts";
import type { ScriptEvent } from "../../src/core/ports/event.ts";
import type { Scripts } from "../../src/core/ports/scripts.ts";

/** One event that waits: what it is an event of, itself, and what else hears its outcome. */
type Waiting = readonly [Subject, ScriptEvent, ((outcome: Outcome) => void) | undefined];

/** Scripts without hosts: each message becomes a broadcast of its data, as the bench's `talk` would have it. */
export class EchoScripts implements Scripts {
  readonly #waiting: Waiting[] = [];

  /** `soon` gets what has to run for the events that wait to be answered; it must not run it at once. */
  constructor(private readonly soon: (answer: () => void) => void) {}

  open(version: Version, subject: Subject): Script {
    const no = () => Promise.reject(new Error("An echo has no versions."));
    return {
      view: { waiting: 0 },
      version: version.build.version,
      dispatch: (event, done) => {
        if (this.#waiting.push([subject, event, done]) === 1) this.soon(() => this.answer());
      },
      swap: no,
      goBack: no,
      rehearse: no,
      readState: no,
      timeline: () => undefined,
      settle() {},
      keep() {},
      abandon() {},
      close() {},
    };
  }

  /** Answers what waits, in order. */
  answer(): void {
    for (const [subject, event, done] of this.take()) {
      const outcome = echo(event);
      subject.decide(event, outcome);
      subject.outcome(event, outcome);
      done?.(outcome);
    }
  }

  /** Takes what waits; it is answered by whoever took it, or never. */
  take(): Waiting[] {
    return this.#waiting.splice(0);
  }

  load(_: Build): Promise<Version> {
    return Promise.reject(new Error("An echo loads nothing."));
  }
  unload(): void {}
  firstStateFault() {
    return Promise.resolve(undefined);
  }
  shortage() {
    return undefined;
  }
  hosts() {
    return [];
  }
  share() {
    return { delivery: 0, confined: false };
  }

  sandboxes() {
    return { count: 0, memory: 0 };
  }
  async stop() {
    return { events: 0, hosts: 0 };
  }
}

function echo(event: ScriptEvent): Outcome {
  if (event.kind !== "message") return { version: "v1", effects: [] };
  return {
    version: "v1",
    cpu: 0.01,
    effects: [{ kind: "broadcast", type: "said", data: event.data, except: undefined }],
  };
}
