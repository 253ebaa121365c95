import type { Limits } from "../../../core/application/settings.ts";
import type { Turns } from "../../../core/turns.ts";
import { SLICE_MS } from "../../wire/answer/answer.ts";
import { MOST_EVENTS } from "../../wire/batch/batch.ts";
import type { Posted, Slot } from "./slot.ts";

/** Most that one batch weighs, UTF-16 units, unless it is a single event. */
const MOST_BATCH_UNITS = 1024 * 1024;
/** What a snapshot weighs in a batch, UTF-16 units, though its text comes with the answer. */
const SNAPSHOT_UNITS = 64 * 1024;
/** CPU time of JSON in the engine, ms a UTF-16 unit: a snapshot is read once; what `migrate` makes of it is written and read. */
const JSON_MS_PER_UNIT = (3 * 0.1) / 1024;
/** CPU time that telling who is there may take, ms a UTF-16 unit: several times the worst (docs/decisions/0012-crowds.md). */
const DIRECTORY_MS_PER_UNIT = 4 / 1024;

/** What a sandbox has handed to its host and not got back. */
export interface Batch {
  readonly posted: readonly Posted[];
  /** Whether it is one call that must be with the host by itself. */
  readonly alone: boolean;
  /** CPU time that the watchdog allows in code that is never polled, ms. */
  readonly unpolled: number;
  /** CPU time that it allows once the code was polled, ms: more where the host's own deadline comes later. */
  readonly polled: number;
  /** CPU time that the batch is expected to take, ms. */
  readonly expected: number;
  /** CPU time that was set aside for each event of it in the credit of its script, ms. */
  readonly eventMs: number;
}

/**
 * Takes the next batch out of what waits in the slots of a sandbox, which take turns; `lone` comes before all turns, by itself. Returns
 * undefined if nothing waits. `eventMs` is the CPU time that one event is expected to take, `outcomeMs` the time of
 * the server over its outcome.
 */
export function takeBatch(
  slots: Turns<Slot>,
  eventMs: number,
  outcomeMs: number,
  limits: Limits,
  lone?: Slot,
): Batch | undefined {
  const posted: Posted[] = [];
  let weight = 0;
  // What would not fit into the host's slice would come back; and what comes of it is to be no more work for the server.
  const most = Math.min(MOST_EVENTS, Math.ceil(SLICE_MS / Math.max(eventMs, outcomeMs)));
  let alone = false;
  let openedUnits = 0;
  let directoryUnits = 0;
  let hasSnapshot = false;
  for (let slot = lone ?? slots.first(); slot; slot = slots.first()) {
    const next = slot.outbound.at(0);
    if (!next) break;
    const { call, guarded = false } = next;
    const mustBeAlone = call.suspicion?.alone === true;
    if (posted.length > 0 && (mustBeAlone || guarded)) break;
    const { kind } = call.task;
    weight += kind === "snapshot" ? SNAPSHOT_UNITS : call.weight;
    if (posted.length > 0 && weight > MOST_BATCH_UNITS) break;
    if (kind === "open") openedUnits = Math.max(openedUnits, call.weight);
    else if (kind === "snapshot") hasSnapshot = true;
    else if (kind === "directory") directoryUnits = Math.max(directoryUnits, call.weight);
    slot.outbound.shift();
    slot.credit.spend(eventMs);
    posted.push(next);
    alone = mustBeAlone;
    if (alone || guarded || posted.length >= most) break;
  }
  if (posted.length === 0) return undefined;
  const { cpuHard, migrate } = limits;
  // The host's own deadline is to come first, though the watchdog counts the compilers of the process, too; and nobody can tell
  // how much there is for a snapshot to write (docs/decisions/0005-a-few-at-a-time.md, "What an opening is allowed").
  const hard = cpuHard + directoryUnits * DIRECTORY_MS_PER_UNIT;
  const polled = hard + (openedUnits > 0 || hasSnapshot ? migrate : 0);
  const opening = openedUnits > 0 ? Math.max(hard, migrate) + openedUnits * JSON_MS_PER_UNIT : hard;
  return {
    posted,
    alone,
    unpolled: hasSnapshot ? polled : Math.min(opening, polled),
    polled,
    expected: Math.min(SLICE_MS, posted.length * eventMs),
    eventMs,
  };
}
