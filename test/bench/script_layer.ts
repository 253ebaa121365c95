import { EventTimes } from "../../src/core/trace/event_times.ts";
import { newSeed } from "../../src/script/wire/batch/seed.ts";
import { PerApplication } from "../../src/core/application/per_application.ts";
import { systemClock } from "../../src/core/ports/clock.ts";
import type { Outcome } from "../../src/core/ports/outcome.ts";
import type { ScriptEvent } from "../../src/core/ports/event.ts";
import { DeliveryCount } from "../../src/core/delivery_count.ts";
import { SavedAnswers } from "../../src/script/server/durable/saved_answers.ts";
import { OutcomeQueue } from "../../src/script/server/share/outcome_queue.ts";
import { MemoryCount } from "../../src/script/server/memory/memory_count.ts";
import { CpuRate } from "../../src/script/server/share/cpu_rate.ts";
import { Host } from "../../src/script/server/host/host.ts";
import { RecoveryQueue } from "../../src/script/server/recovery/recovery_queue.ts";
import { AllScripts } from "../../src/script/server/recovery/application_scripts.ts";
import { LiveScript } from "../../src/script/server/live/live_script.ts";
import type { LoadedVersion } from "../../src/script/server/sandbox/loaded_version.ts";
import { Placement } from "../../src/script/server/host/placement.ts";
import { HollowHost } from "./hollow_host.ts";

/** Scripts of rooms on a host that answers everything at once. */
export class ScriptLayer {
  readonly #scripts: LiveScript[];
  #left = 0;
  #over = () => {};

  /** `rooms` of them; `answerTo` makes the answer to a batch of so many events. */
  constructor(version: LoadedVersion, rooms: number, answerTo: (events: number) => Uint8Array) {
    const clock = systemClock;
    const log = (_: string, message: string) => console.error(message);
    const outcomes = new OutcomeQueue({
      deliveries: new DeliveryCount(),
      cpu: () => 0,
      now: () => performance.now(),
    });
    const host = new Host(1, {
      start: (_, listener) => new HollowHost(listener, answerTo),
      clock,
      log,
      startTimeout: 1_000,
      memory: new PerApplication(() => new MemoryCount()),
      cpuRates: new PerApplication(() => new CpuRate(clock)),
      outcomes,
    });
    const placement = new Placement([host]);
    const scripts = new AllScripts(1).of("talk");
    const recoveries = new RecoveryQueue();
    const times = new EventTimes();
    const saved = new SavedAnswers(outcomes, { application: "talk" });
    this.#scripts = Array.from({ length: rooms }, (_, i) => {
      const room = { name: `room${i}`, type: "talk", maxUsers: Number.POSITIVE_INFINITY };
      const subject = {
        application: "talk",
        room,
        decide: () => true,
        outcome: () => {},
        more: () => {},
        failed: (message: string) => log("error", message),
        rolledBack: (_: string, message: string) => log("error", message),
      };
      return new LiveScript(version, subject, {
        placement,
        pace: outcomes,
        saved,
        clock,
        log,
        newSeed,
        scripts,
        recoveries,
        times,
        ended: () => {},
      });
    });
  }

  /** Gives each of `events` rooms an event, and resolves when all have their outcome. */
  run(event: () => ScriptEvent, events: number): Promise<void> {
    this.#left = events;
    const done = (_: Outcome) => {
      if (--this.#left === 0) this.#over();
    };
    for (let i = 0; i < events; i++) this.#scripts[i % this.#scripts.length]?.dispatch(event(), done);
    return new Promise((resolve) => {
      this.#over = resolve;
    });
  }
}
