import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Outcome } from "../../src/core/ports/outcome.ts";
import { limitsSchema } from "../../src/core/application/settings.ts";
import { hotroom as codec } from "../../src/protocol/hotroom/codec.ts";
import { decodeAnswer } from "../../src/script/wire/answer/answer_decoder.ts";
import { BatchEncoder } from "../../src/script/wire/batch/batch_encoder.ts";
import { openTask } from "../../src/script/wire/batch/task.ts";
import { Call } from "../../src/script/server/sandbox/call.ts";
import { encodeFrame } from "../../src/process/frame.ts";
import { Sandbox } from "../../src/script/host/sandbox/sandbox.ts";
import { LoadedVersion } from "../../src/script/server/sandbox/loaded_version.ts";
import type { Posted } from "../../src/script/server/sandbox/slot.ts";
import { answerText, readAnswer, writeAnswer } from "../script/encoding.ts";
import { echoCore, version } from "./echo_server.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { ScriptLayer } from "./script_layer.ts";
import { extensions } from "./servers.ts";
import { type Spread, spread } from "./statistics.ts";
import { printTable, withSpread } from "./table.ts";

const limits = v.parse(limitsSchema, {});
const users = 32;
const data = JSON.stringify({ text: "x".repeat(64) });
const said = JSON.stringify({ event: "message", room: "room0", type: "say", data: JSON.parse(data) });
const talk = readFileSync(join(extensions, "talk/rooms/talk.js"), "utf8");

/** Events of a batch. */
const SIZES = [1, 32, 256];

/** What is compared with the broadcast, to tell apart what the guest spends on what. */
const silent = talk.replace('room.broadcast("said", data);', "void room; void data;");
const deaf = talk.replace("say(room, _user, data) {", "say() {").replace('room.broadcast("said", data);', "");

/**
 * What an event costs in each layer, CPU µs: each layer alone, in this process, in a loop, on the very texts that cross
 * the wall. Sockets and the pipe are not in it: they are what is left of the throughput scenario's cost.
 */
export async function layers(options: Options): Promise<void> {
  const rows: [string, () => void, number][] = [
    ["decode a client's frame", () => void codec.decode(said), 1],
    [
      "write a delivered frame",
      () => void codec.event({ event: "message", room: "room0", type: "said", data }),
      1,
    ],
    ...(await coreRows()),
    ...SIZES.flatMap(wallRows),
  ];
  const plain = rows.map((row) => measure(row, options));
  for (const size of SIZES) plain.push(await scriptRow(size, options));
  // Last, because the engines' memories make the collection of all other garbage dearer.
  const engines: [string, Spread][] = [];
  for (const size of SIZES) for (const row of await sandboxRows(size)) engines.push(measure(row, options));
  const measured = [...plain, ...engines];
  printTable(
    ["layer", "CPU µs/event"],
    measured.map(([name, times]) => [name, withSpread(times)]),
  );
  keep("layers", Object.fromEntries(measured));
}

function measure([name, task, events]: [string, () => void, number], options: Options): [string, Spread] {
  const times = Array.from({ length: options.rounds }, () => cost(task, options.window / 20) / events);
  return [name, spread(times)];
}

/** A batch's way out, and its answer's way in, in the server. */
function wallRows(size: number): [string, () => void, number][] {
  const posted = postsOf(size, 0);
  const answer = answerTo(size);
  return [
    [`batch of ${size}: encode`, () => void encodeFrame(3, 1, encode(posted)), size],
    [`batch of ${size}: decode the answer`, () => void decodeAnswer(answer, posted, "v1", limits), size],
  ];
}

/** A message of each of 200 rooms in turn on its way through the server's half of the wall, and back. */
async function scriptRow(size: number, options: Options): Promise<[string, Spread]> {
  const rooms = new Map([["talk", { kind: "room" as const, hasMigrate: false, handlers: ["messages.say"] }]]);
  const layer = new ScriptLayer(new LoadedVersion(1, version.build, undefined, rooms), 200, answerTo);
  const event = () => ({ kind: "message" as const, user: "u1", type: "say", reply: false, data });
  const runs = Math.ceil((options.window * 20) / size);
  const times: number[] = [];
  // The first round warms up the compilers.
  for (let round = 0; round <= options.rounds; round++) {
    const before = process.cpuUsage();
    for (let run = 0; run < runs; run++) await layer.run(event, size);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / runs / size);
  }
  return [`batch of ${size}: scripts, from an event to its outcome`, spread(times.slice(1))];
}

const answers = new Map<number, Uint8Array>();

/** An answer to so many messages: each is broadcast. */
function answerTo(events: number): Uint8Array {
  const made = answers.get(events);
  if (made) return made;
  const effects = [{ kind: "broadcast", type: "said", except: 0, body: data }];
  const outcomes = Array.from({ length: events }, () => ({ status: 0, body: undefined, ms: 0, effects }));
  const answer = writeAnswer(answerText(outcomes));
  answers.set(events, answer);
  return answer;
}

/** A batch in the host, with handlers that tell apart what the guest spends on what. */
async function sandboxRows(size: number): Promise<[string, () => void, number][]> {
  const rows: [string, () => void, number][] = [];
  const handlers = { "no arguments": deaf, "arguments only": silent, broadcast: talk };
  for (const [name, source] of Object.entries(handlers)) {
    const guest = await Guest.with(source);
    const batch = encode(guest.posts(size)).bytes();
    rows.push([`batch of ${size}: sandbox, ${name}`, () => void guest.run(batch), size]);
  }
  return rows;
}

/** The core's two halves of a message: from the platform's call to the script, and from the script to the group. */
async function coreRows(): Promise<[string, () => void, number][]> {
  // A platform needs the text in one piece: what a concatenation puts off is paid for here.
  const group = { add() {}, delete() {}, send: (frame: string) => void Buffer.byteLength(frame) };
  const { scripts, accept } = echoCore(() => group, queueMicrotask);
  const handler = accept();
  const socket = { buffered: 0, send() {}, close() {}, terminate() {}, divert: () => handler };
  handler.open(socket);
  handler.message(socket, JSON.stringify({ event: "login", id: 1, data: { name: "ann" } }));
  handler.message(socket, JSON.stringify({ event: "join", id: 2, room: "room0" }));
  await Bun.sleep(10);
  handler.message(socket, said);
  const [subject, event, done] = scripts.take().at(-1) ?? [];
  if (!subject || event?.kind !== "message") throw new Error("Cannot make a member of the room.");
  const { data } = event;
  return [
    [
      "core: a frame, to the script",
      () => {
        for (let i = 0; i < 32; i++) handler.message(socket, said);
        scripts.take();
      },
      32,
    ],
    [
      "core: an outcome, to the group",
      () => {
        const effect = { kind: "broadcast" as const, type: "said", data, except: undefined };
        const outcome: Outcome = { version: "v1", cpu: 0.01, effects: [effect] };
        subject.decide(event, outcome);
        subject.outcome(event, outcome);
        done?.(outcome);
      },
      1,
    ],
  ];
}

/** A sandbox with one room and 32 users in it. */
class Guest {
  #seq = 0;

  private constructor(readonly sandbox: Sandbox) {}

  static async with(source: string): Promise<Guest> {
    const sandbox = await Sandbox.create({
      application: "talk",
      version: "v1",
      files: [["rooms/talk.ts", source]],
      rooms: [["talk", "rooms/talk.ts"]],
      limits,
    });
    if (!sandbox.loaded.ok) throw new Error(sandbox.loaded.message);
    const guest = new Guest(sandbox);
    const room = { name: "room0", type: "talk" };
    const open = new Call(openTask({ application: "talk", version: "v1", room, seed: "1" }));
    const joins = Array.from({ length: users }, (_, i) => {
      const user = { id: `u${i + 1}`, name: `user${i}` };
      return new Call({ kind: "join", user }, ++guest.#seq);
    });
    const outcomes = readAnswer(writeAnswer(guest.run(encode([open, ...joins].map(post)).bytes())));
    if (outcomes.some(({ status }) => status > 0)) throw new Error("Cannot fill the room.");
    return guest;
  }

  /** Calls with a message each, of all users in turn. */
  posts(count: number): Posted[] {
    const posted = postsOf(count, this.#seq);
    this.#seq += count;
    return posted;
  }

  run(batch: Uint8Array): Uint8Array {
    return this.sandbox.run(batch, () => {});
  }
}

/** Calls with a message each, of all users in turn, behind those up to `seq`. */
function postsOf(count: number, seq: number): Posted[] {
  return Array.from({ length: count }, (_, i) => {
    const user = `u${(i % users) + 1}`;
    return post(new Call({ kind: "message", user, type: "say", data, reply: false }, seq + i + 1));
  });
}

function post(call: Call): Posted {
  return { slot: { number: 1 } as Posted["slot"], call, muted: false, foreign: false };
}

const encoder = new BatchEncoder();

function encode(posted: readonly Posted[]): BatchEncoder {
  encoder.begin();
  for (const { slot, call, muted } of posted) call.encode(encoder, slot.number, 1, muted);
  return encoder;
}

/** CPU µs of one run of `task`, over at least `ms` of CPU time. */
function cost(task: () => void, ms: number): number {
  const warm = performance.now();
  while (performance.now() - warm < ms) task();
  const before = process.cpuUsage();
  for (let runs = 0; ; ) {
    for (let i = 0; i < 50; i++) task();
    runs += 50;
    const { user, system } = process.cpuUsage(before);
    if (user + system >= ms * 1_000) return (user + system) / runs;
  }
}
