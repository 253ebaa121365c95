import { parseArgs } from "node:util";
import type { CastKind } from "./drops/cast.ts";
import { type ServerKind, serverNamed, servers } from "./servers.ts";

/** What the command line of the bench says. */
export interface Options {
  scenario: string;
  /** How often each server has its turn. */
  rounds: number;
  /** Length of one measurement, ms. */
  window: number;
  servers: readonly ServerKind[];
  /** `reload --kill`, and the number of rooms of `reload --rooms`. */
  kill: boolean;
  rooms: number | undefined;
  /** A part of the name of the one attack to measure. */
  attack: string | undefined;
  /** Of `drops`: how long, with how many clients that do something each so many ms, which chance, and what the server runs on. */
  minutes: number;
  pace: number;
  clients: number;
  seed: number;
  runtime: "bun" | "deno";
  /** What the clients of `drops` are made of. */
  by: CastKind;
}

/** Reads the command line; throws where it makes no sense. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      window: { type: "string", default: "3000" },
      only: { type: "string" },
      kill: { type: "boolean", default: false },
      rooms: { type: "string" },
      attack: { type: "string" },
      minutes: { type: "string", default: "10" },
      pace: { type: "string", default: "1000" },
      clients: { type: "string", default: "500" },
      seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1e6)) },
      runtime: { type: "string", default: "bun" },
      by: { type: "string", default: "frames" },
    },
  });
  return {
    scenario: positionals[0] ?? "throughput",
    rounds: count("rounds", values.rounds),
    window: count("window", values.window),
    servers: values.only ? values.only.split(",").map(serverNamed) : servers,
    kill: values.kill,
    rooms: values.rooms === undefined ? undefined : count("rooms", values.rooms),
    attack: values.attack,
    minutes: minutes(values.minutes),
    pace: count("pace", values.pace),
    clients: count("clients", values.clients),
    seed: count("seed", values.seed),
    runtime: runtime(values.runtime),
    by: cast(values.by),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1.`);
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error("--minutes must be a number above 0.");
  return value;
}

function runtime(text: string): "bun" | "deno" {
  if (text === "bun" || text === "deno") return text;
  throw new Error("--runtime must be bun or deno.");
}

function cast(text: string): CastKind {
  if (text === "frames" || text === "chromium" || text === "go") return text;
  throw new Error("--by must be frames, chromium or go.");
}
