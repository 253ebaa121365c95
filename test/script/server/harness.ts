import { afterEach, expect } from "bun:test";
import { join } from "node:path";
import * as v from "valibot";
import { temporaryFolder } from "../../temporary_folders.ts";
import type { Build } from "../../../src/core/ports/build.ts";
import type { LogLevel } from "../../../src/core/ports/log.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import type { Script, Subject } from "../../../src/core/ports/script.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import { type SettingsInput, settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";
import { ScriptHosts, type ScriptHostsOptions } from "../../../src/script/server/script_hosts.ts";

const fakeHost = [process.execPath, "--no-env-file", join(import.meta.dir, "fake_host.ts")];
const running: ScriptHosts[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((hosts) => hosts.stop()));
});

/** Script hosts with a log that can be read; stopped after the test. */
export function startHosts(options: Partial<ScriptHostsOptions> = {}): { hosts: ScriptHosts; log: string[] } {
  const log: string[] = [];
  const write = (level: LogLevel, message: string) => log.push(`${level}: ${message}`);
  const hosts = new ScriptHosts({ hosts: 1, command: fakeHost, log: write, ...options });
  running.push(hosts);
  return { hosts, log };
}

/** A path in a folder of the test's own; nothing is there yet. */
export function freshPath(): string {
  return join(temporaryFolder(), "once");
}

let builds = 0;

/** A build of one room type `r` whose source is `code`; what the fake host does with it is in its words. */
export function buildOf(code = "", settings: SettingsInput = {}, files: Record<string, string> = {}): Build {
  const number = ++builds;
  const all = new Map([["rooms/r.ts", code], ...Object.entries(files)]);
  return {
    application: "app",
    hash: `abc${number}`,
    version: `v${number}·abc${number}`,
    files: all,
    sources: all,
    rooms: new Map([["r", "rooms/r.ts"]]),
    ...(all.has("app.ts") ? { extension: "app.ts" } : {}),
    settings: settingsOf(v.parse(settingsSchema, settings), false),
  };
}

/** A subject that keeps what it is told. */
export class Room implements Subject {
  readonly application = "app";
  readonly room?: Subject["room"];
  readonly outcomes: [ScriptEvent, Outcome][] = [];
  readonly failures: string[] = [];
  /** Of each failure whether it was the script's for what it took down. */
  readonly killers: boolean[] = [];
  onOutcome: ((event: ScriptEvent, outcome: Outcome) => void) | undefined;

  constructor(readonly name = "lobby") {
    this.room = { name, type: "r", maxUsers: 100 };
  }

  /** What it decides on each event; carries everything out without. */
  onDecide: Subject["decide"] = () => true;

  decide(event: ScriptEvent, outcome: Outcome): ReturnType<Subject["decide"]> {
    return this.onDecide(event, outcome);
  }

  outcome(event: ScriptEvent, outcome: Outcome): void {
    this.outcomes.push([event, outcome]);
    this.onOutcome?.(event, outcome);
  }

  /** Effects that came behind the first ones of their outcome. */
  readonly further: Outcome[] = [];

  more(_: ScriptEvent, outcome: Outcome): void {
    this.further.push(outcome);
  }

  readonly rollbacks: [string, string][] = [];

  rolledBack(failed: string, reason: string): void {
    this.rollbacks.push([failed, reason]);
  }

  failed(message: string, killer: boolean): void {
    this.failures.push(message);
    this.killers.push(killer);
  }
}

/** The message event that the tests dispatch; data is a value. */
export function message(type: string, data?: unknown): ScriptEvent {
  const text = data === undefined ? {} : { data: JSON.stringify(data) };
  return { kind: "message", user: "u1", type, ...text, reply: true };
}

/** Dispatches a message and resolves with its outcome. */
export function ask(script: Script, type: string, data?: unknown): Promise<Outcome> {
  return new Promise((resolve) => script.dispatch(message(type, data), resolve));
}

/** What the fake host's script holds. */
export async function stateOf(script: Script): Promise<{ version: string; count: number; seen: string[] }> {
  const { value } = await ask(script, "state");
  expect(value).toBeString();
  return JSON.parse(value ?? "");
}
