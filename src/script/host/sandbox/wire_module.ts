import { MAX_DELAY_MS } from "../../../core/extension/timers/schedules.ts";
import {
  bodilessPattern,
  DEFAULT_FETCH_MS,
  MAX_FETCH_MS,
  MAX_HEADER_UNITS,
  MAX_HEADERS,
  MAX_URL_UNITS,
  methodPattern,
  ownHeaderPattern,
} from "../../../core/fetch/fetch_rules.ts";
import { headerNamePattern, headerValuePattern } from "../../../core/fetch/http_header.ts";
import { MAX_CRON_ENTRIES, MAX_RELAY_BYTES, MAX_RELAY_RATE, MAX_RELAYS } from "../../../core/ports/build.ts";
import { MAX_META_BYTES } from "../../../core/room/room_options.ts";
import { MAX_PASSWORD_UNITS } from "../../../core/room/password.ts";
import {
  MAX_ANSWER_HEADER_UNITS,
  MAX_ANSWER_HEADERS,
  ownAnswerHeaderPattern,
} from "../../../core/web/web_answer.ts";
import { namePattern, plainNamePattern } from "../../../protocol/names.ts";
import { HEAP_OVERSHOOT_BYTES } from "../../wire/memory_bytes.ts";
import { ENOUGH_UNITS, MESSAGE_UNITS, SLICE_MS, Status } from "../../wire/answer/answer.ts";
import { effectKinds, WORD_UNITS } from "../../wire/answer/effects.ts";
import { COLUMNS, Column, DIRECTORY_MS, Flag, INTERNAL, kinds } from "../../wire/batch/batch.ts";
import { Shortage } from "../heap_limit.ts";
import { ChanceWord } from "../engine/chance.ts";
import { MOST_RECODED, Recoding } from "../engine/recoder.ts";
import { OutOfMemory, Place } from "./event_rows.ts";

/**
 * Returns the source of the prelude's module `wire.js`: what the prelude must know of the wire between server and script
 * host, since it can't import their files. The same files give the same text.
 */
export function wireModule(): string {
  const constants = {
    ...named("COLUMN", Column),
    COLUMNS,
    ...named("FLAG", Flag),
    ...named("KIND", numbered(kinds)),
    FIRST_INTERNAL_KIND: INTERNAL,
    ...named("STATUS", Status),
    ...named("EFFECT", numbered(effectKinds)),
    ...named("PLACE", Place),
    ...named("CHANCE_WORD", ChanceWord),
    ...named("RECODING", Recoding),
    MOST_RECODED,
    ...named("OUT_OF_MEMORY", OutOfMemory),
    ...named("SHORTAGE", Shortage),
    HEAP_OVERSHOOT_BYTES,
    SLICE_MS,
    DIRECTORY_MS,
    ENOUGH_UNITS,
    MAX_ANSWER_HEADER_UNITS,
    MAX_ANSWER_HEADERS,
    MAX_CRON_ENTRIES,
    MAX_DELAY_MS,
    MAX_META_BYTES,
    MAX_PASSWORD_UNITS,
    MAX_RELAY_BYTES,
    MAX_RELAY_RATE,
    MAX_RELAYS,
    MESSAGE_UNITS,
    WORD_UNITS,
    headerNamePattern,
    headerValuePattern,
    ownAnswerHeaderPattern,
    namePattern,
    plainNamePattern,
    MAX_FETCH_MS,
    DEFAULT_FETCH_MS,
    MAX_URL_UNITS,
    MAX_HEADERS,
    MAX_HEADER_UNITS,
    methodPattern,
    bodilessPattern,
    ownHeaderPattern,
  };
  const lines = Object.entries(constants).map(([name, value]) => `export const ${name} = ${value};`);
  // Without a prototype, like all lists of the prelude.
  const names = kinds.map((kind, number) => `${number}: "${kind}"`);
  lines.push(`export const kindNames = { __proto__: null, ${names.join(", ")} };`);
  return `${lines.join("\n")}\n`;
}

/** Returns each entry of a table as a constant of its own: `reply` of `FLAG` is `FLAG_REPLY`. */
function named(table: string, entries: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [`${table}_${upperCase(name)}`, value]),
  );
}

/** Returns each name's place in a list. */
function numbered(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, number) => [name, number]));
}

/** Returns `BROADCAST_ROOM` for `broadcastRoom`. */
function upperCase(name: string): string {
  return name.replace(/[A-Z]/g, "_$&").toUpperCase();
}
