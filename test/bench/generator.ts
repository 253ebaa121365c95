/**
 * The load generator, a process of its own: `bun run generator.ts '<plan as JSON>'` prints an outcome as JSON. Raw TCP,
 * frames made before the window, received ones counted by their headers.
 */
import { dialects, TEXT } from "./dialects.ts";
import { endOfData, readDigits, writeDigits } from "./frames.ts";
import { Histogram } from "./histogram.ts";
import { Member } from "./member.ts";
import type { Outcome, Plan } from "./plan.ts";
import { machineCpu, treeUsage } from "./process_tree.ts";

/** Digits of a time in µs at the start of a text. */
const DIGITS = 10;

const plan = JSON.parse(process.argv[2] ?? "") as Plan;
const dialect = dialects[plan.dialect];
const latency = new Histogram();
const lateness = new Histogram();
let events = 0;
let deliveries = 0;
let measuring = false;

class Talker {
  #heard = 0;
  #frame: Uint8Array;
  #textAt: number;

  constructor(
    readonly member: Member,
    room: string,
  ) {
    this.#frame = dialect.say(room, "x".repeat(TEXT));
    const header = (this.#frame[1] as number) & 0x7f;
    this.#textAt = this.#frame.length - (header < 126 ? 6 : 8) - dialect.sentTail - TEXT;
    member.listen({ onFrame: plan.rate ? this.#time : this.#count, onClose: fail });
  }

  talk(): void {
    events++;
    if (plan.rate) writeDigits(this.#frame, this.#textAt, DIGITS, now());
    this.member.send(this.#frame);
  }

  /** Counts a delivery; whatever is shorter than the text is none (replies, pings). */
  #count = (_: number, bytes: Uint8Array, start: number, end: number): void => {
    if (endOfData(bytes, end) - start < TEXT) return;
    deliveries++;
    if (++this.#heard < plan.members) return;
    this.#heard = 0;
    this.talk();
  };

  #time = (_: number, bytes: Uint8Array, start: number, end: number): void => {
    const endOfText = endOfData(bytes, end) - dialect.tail;
    if (endOfText + dialect.tail - start < TEXT) return;
    deliveries++;
    if (!measuring) return;
    latency.add(now() - readDigits(bytes, endOfText - TEXT, DIGITS));
  };
}

const talkers = await enterAll();
if (plan.rate) pace(plan.rate);
else for (const talker of talkers) talker.talk();
await Bun.sleep(plan.warmup);
console.log(JSON.stringify(await measure()));
process.exit(0);

/** Rooms are made one after the other; members of a room enter a few at a time. */
async function enterAll(): Promise<Talker[]> {
  const all: Talker[] = [];
  const seats = Array.from({ length: plan.rooms * plan.members }, (_, seat) => seat);
  const enter = async (seat: number) => {
    const room = `room${seat % plan.rooms}`;
    all.push(new Talker(await dialect.enter(plan.port, room, `user ${process.pid} ${seat}`), room));
  };
  for (const seat of seats.splice(0, plan.rooms)) await enter(seat);
  while (seats.length > 0) await Promise.all(seats.splice(0, 16).map(enter));
  return all;
}

/** Sends `rate` messages a second, the members in turn; what is due leaves at each wake-up, about every ms. */
function pace(rate: number): void {
  const start = now();
  let sent = 0;
  const wake = () => {
    const late = now() - start;
    const due = Math.floor((late * rate) / 1e6);
    for (; sent < due; sent++) {
      if (measuring) lateness.add(Math.max(0, now() - start - ((sent + 1) * 1e6) / rate));
      (talkers[sent % talkers.length] as Talker).talk();
    }
    setTimeout(wake, 1);
  };
  wake();
}

async function measure(): Promise<Outcome> {
  const before = sample();
  measuring = true;
  await Bun.sleep(plan.window);
  measuring = false;
  const after = sample();
  const difference = (key: keyof typeof before) => after[key] - before[key];
  const serverCpu = difference("user") + difference("system") + difference("descendants");
  const generatorCpu = difference("own");
  return {
    seconds: difference("time"),
    events: difference("events"),
    deliveries: difference("deliveries"),
    reads: difference("reads"),
    serverCpu,
    serverUser: difference("user"),
    serverSystem: difference("system"),
    hostsCpu: difference("descendants"),
    generatorCpu,
    otherCpu: Math.max(0, difference("used") - serverCpu - generatorCpu),
    machineCpu: difference("total"),
    ...(plan.rate && { latency: latency.percentiles(), lateness: lateness.percentiles() }),
  };
}

function sample() {
  const own = process.cpuUsage();
  const { used, total } = machineCpu();
  const counts = { events, deliveries, reads: Member.reads };
  const cpu = { ...treeUsage(plan.pid), own: (own.user + own.system) / 1e6 };
  return { time: now() / 1e6, ...counts, ...cpu, used, total };
}

/** µs since the generator started. */
function now(): number {
  return Math.round(performance.now() * 1_000);
}

function fail(code: number): void {
  console.error(`The server closed a connection (${code}).`);
  process.exit(1);
}
