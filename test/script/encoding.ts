/** The other end of the pipe, for tests: reads batches as a script host would, and writes and reads answers. */
import { COLUMNS, Column, kinds, MOST_EVENTS } from "../../src/script/wire/batch/batch.ts";
import { COSTS, SandboxFlag } from "../../src/script/wire/answer/answer.ts";
import { effectKinds, effectParts } from "../../src/script/wire/answer/effects.ts";

/** One event of a batch. */
export interface Row {
  script: number;
  seq: number;
  kind: string;
  flags: number;
  time: number;
  user: string;
  name: string;
  body: string | undefined;
}

/** An effect: its kind and its parts by name, with its body in the place of the length. */
export type Told = { kind: string; [part: string]: unknown };

/** One outcome of an answer. */
export interface Came {
  status: number;
  body: string | undefined;
  ms: number;
  effects: Told[];
}

export function readBatch(bytes: Uint8Array): Row[] {
  const batch = Buffer.from(bytes);
  const count = batch.readUInt32LE(0);
  if (count > MOST_EVENTS) throw new Error(`${count} events are too many`);
  const { text, takeBytes, bytesLeft } = parts(batch.subarray(4 + count * COLUMNS * 8));
  let at = 0;
  const take = (length: number) => {
    const from = at;
    at += Math.max(length, 0);
    return text.slice(from, at);
  };
  const rows = Array.from({ length: count }, (_, row) => {
    const number = (column: number) => batch.readDoubleLE(4 + (row * COLUMNS + column) * 8);
    const length = number(Column.length);
    const texts = { user: take(number(Column.user)), name: take(number(Column.name)), body: take(length) };
    return {
      script: number(Column.script),
      seq: number(Column.seq),
      kind: kinds[number(Column.kind)] ?? "",
      flags: number(Column.flags),
      time: number(Column.time),
      ...texts,
      body: length < -1 ? takeBytes(length) : length < 0 ? undefined : texts.body,
    };
  });
  if (bytesLeft() !== 0) throw new Error(`${bytesLeft()} bytes are left over`);
  if (at !== text.length) throw new Error(`${text.length - at} units are left over`);
  return rows;
}

/** The text of a batch or an answer, and what takes the bytes behind it, as text. */
function parts(all: Buffer) {
  const zero = all.indexOf(0);
  const bytes = zero < 0 ? Buffer.alloc(0) : all.subarray(zero + 1);
  let at = 0;
  const takeBytes = (length: number) => {
    at += -2 - length;
    return `\0${bytes.toString("latin1", at - (-2 - length), at)}`;
  };
  const text = all.toString("utf8", 0, zero < 0 ? all.length : zero);
  return { text, takeBytes, bytesLeft: () => bytes.length - at };
}

/** An answer; `text` is its header and bodies, as text or UTF-8. */
export function writeAnswer(
  text: string | Uint8Array,
  {
    cpu = 0,
    memory = 20_000_000,
    taken = 0,
    used = 0,
    ranOutIn = 0,
    isShort = false,
    hasGrown = false,
    hasUndone = false,
  } = {},
): Buffer {
  const costs = Buffer.alloc(COSTS);
  costs.writeDoubleLE(cpu, 0);
  costs.writeDoubleLE(memory, 8);
  costs.writeDoubleLE(taken, 16);
  costs.writeDoubleLE(used, 24);
  costs.writeUInt16LE(ranOutIn, 32);
  const { grown, undone, short } = SandboxFlag;
  costs.writeUInt8((hasGrown ? grown : 0) | (hasUndone ? undone : 0) | (isShort ? short : 0), 34);
  return Buffer.concat([costs, Buffer.from(text)]);
}

/** Header and bodies of outcomes. */
export function answerText(outcomes: Came[]): string {
  const bodies: string[] = [];
  const length = (body: unknown) => {
    if (body === undefined) return -1;
    bodies.push(body as string);
    return (body as string).length;
  };
  const header = outcomes.flatMap(({ status, body, ms, effects }) => [
    status,
    length(body),
    ms,
    effects.length,
    ...effects.flatMap((effect) => [
      effectKinds.indexOf(effect.kind as never),
      ...partsOf(effect.kind).map((part) => (part === "length" ? length(effect.body) : effect[part])),
    ]),
  ]);
  return `${JSON.stringify([outcomes.length, ...header])}\n${bodies.join("")}`;
}

/** Reads an answer, checks that its lengths are those of its bodies. */
export function readAnswer(answer: Uint8Array): Came[] {
  const { text, takeBytes, bytesLeft } = parts(Buffer.from(answer).subarray(COSTS));
  const line = text.indexOf("\n");
  const fields = JSON.parse(text.slice(0, line)) as unknown[];
  let at = line + 1;
  const next = () => fields.shift() as number;
  const take = (length: number) => {
    if (length < -1) return takeBytes(length);
    if (length < 0) return undefined;
    at += length;
    return text.slice(at - length, at);
  };
  const effect = (): Told => {
    const told: Told = { kind: effectKinds[next()] ?? "" };
    for (const part of partsOf(told.kind)) {
      if (part === "length") told.body = take(next());
      else told[part] = next();
    }
    return told;
  };
  const outcomes = Array.from({ length: next() }, () => {
    const status = next();
    const length = next();
    const text = length < -1 ? undefined : take(length);
    const ms = next();
    const effects = Array.from({ length: next() }, effect);
    return { status, body: length < -1 ? takeBytes(length) : text, ms, effects };
  });
  if (bytesLeft() !== 0) throw new Error(`${bytesLeft()} bytes are left over`);
  if (at !== text.length || fields.length > 0) throw new Error(`the answer is too long: ${text}`);
  return outcomes;
}

function partsOf(kind: string): readonly string[] {
  return effectParts[kind as keyof typeof effectParts] ?? [];
}
