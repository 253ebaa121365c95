import { HotroomError } from "../core/errors.ts";
import type { Version } from "../core/ports/build.ts";
import type { Log } from "../core/ports/log.ts";
import type { Outcome, ScriptFailure } from "../core/ports/outcome.ts";
import type { Script } from "../core/ports/script.ts";
import type { Scripts } from "../core/ports/scripts.ts";

/** That code of a test has failed as a whole: a limit has ended it, or what it ran in. */
export class TestScriptError extends HotroomError {
  constructor(
    message: string,
    readonly failure?: ScriptFailure,
  ) {
    super("handler_failed", message);
  }
}

/** A file of tests, alive in a sandbox. What it answers is written by whoever wrote the tests. */
export class TestScript {
  readonly #script: Script;
  #lost: ((error: TestScriptError) => void) | undefined;

  /** `log` hears its console. */
  constructor(scripts: Scripts, version: Version, log: Log) {
    const logAll = ({ effects }: Outcome) => {
      for (const effect of effects) if (effect.kind === "log") log(effect.level, effect.text);
    };
    this.#script = scripts.open(version, {
      application: version.build.application,
      decide: () => true,
      outcome: (_, outcome) => logAll(outcome),
      more: (_, outcome) => logAll(outcome),
      rolledBack: () => {},
      failed: (message) => this.#lost?.(new TestScriptError(message)),
    });
  }

  /** Resolves with what it answers a message. Rejects with TestScriptError. */
  ask(type: string, data?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#lost = reject;
      const text = data === undefined ? undefined : JSON.stringify(data);
      const event = { kind: "message", user: "", type, reply: true } as const;
      this.#script.dispatch({ ...event, ...(text !== undefined && { data: text }) }, (outcome) => {
        const { failure, value } = outcome;
        if (failure) reject(new TestScriptError(failure.detail ?? failure.message, failure));
        else resolve(value === undefined ? undefined : JSON.parse(value));
      });
    });
  }

  close(): void {
    this.#script.close();
  }
}
