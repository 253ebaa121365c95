/** Frames that are written down, and are there after the server's end; what is written is bounded by what is kept. */
import { expect, test } from "bun:test";
import { ANSWER } from "../../../src/core/history/backlog.ts";
import { FrameLog } from "../../../src/core/history/frame_log.ts";
import { ReadRecords } from "../../../src/core/history/frame_record.ts";
import { History } from "../../../src/core/history/history.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import type { KeptRecord, Write } from "../../../src/core/ports/journal_store.ts";
import { Random } from "../../torture/random.ts";
import { FakeClock } from "../fake_clock.ts";

/** A disk on which what was asked for is made at `commit`. */
class Disk {
  readonly records = new Map<number, string>();
  units = 0;
  /** UTF-16 units that were ever written. */
  written = 0;
  #now: Write[] = [];
  #last = new Map<object, () => Write>();

  write(write: Write): void {
    this.#now.push(write);
  }

  writeLast(owner: object, make: () => Write): void {
    this.#last.set(owner, make);
  }

  commit(): void {
    const made = [...this.#last.values()];
    this.#last = new Map();
    // What these write is part of the next transaction.
    const writes = this.#now.splice(0);
    for (const make of made) writes.push(make());
    for (const write of writes) {
      if (write.kind === "append") {
        this.records.set(write.number, write.record);
        this.written += write.record.length;
      } else if (write.kind === "trim") {
        for (const number of [...this.records.keys()]) if (number <= write.upTo) this.records.delete(number);
      } else throw new Error(write.kind);
    }
  }

  get kept(): KeptRecord[] {
    return [...this.records].sort(([a], [b]) => a - b).map(([number, record]) => ({ number, record }));
  }

  get size(): number {
    return this.kept.reduce((sum, { record }) => sum + record.length, 0);
  }
}

const holder = { needsAfter: () => 0 };

function history(frames = 20, bytes = 1e6): History {
  const made = new History(new HistoryStore(new FakeClock(), 1e9), { limits: { frames, bytes } });
  made.hold(holder);
  return made;
}

function log(disk: Disk, histories: Record<string, History>): FrameLog {
  const nothing = { take: () => "null", restore: () => {} };
  const made = new FrameLog({ application: "a" }, disk, nothing);
  for (const [key, each] of Object.entries(histories)) made.open(each, key);
  return made;
}

function readAll(records: readonly KeptRecord[]): ReadRecords {
  const read = new ReadRecords();
  for (const record of records) read.add(record);
  return read;
}

/** Returns what is there after the server's end. */
function afterwards(
  disk: Disk,
  keys: readonly string[],
  find = (_: string): object | undefined => undefined,
) {
  const histories = Object.fromEntries(keys.map((key) => [key, history()]));
  const made = log(disk, histories);
  made.goOn(readAll(disk.kept));
  made.fill(find);
  return Object.values(histories);
}

test("frames are there again with their numbers and notes, whatever was committed together", () => {
  const disk = new Disk();
  const ann = { id: "u1" };
  const [room, own] = [history(), history()];
  log(disk, { "room r": room, u1: own });
  room.push(1, "one");
  room.push(2, "two", new Set([ann]));
  own.push(3, "answer", ANSWER);
  disk.commit();
  own.push(4, "about", "r");
  own.push(5, "none", null);
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  own.push(6, bytes, null);
  disk.commit();
  expect(disk.records.size).toBe(2);

  const [room2, own2] = afterwards(disk, ["room r", "u1"], (id) => (id === "u1" ? ann : undefined));
  expect(room2?.keptAfter(0)).toEqual([
    { number: 1, frame: "one", note: undefined },
    { number: 2, frame: "two", note: new Set([ann]) },
  ]);
  expect(own2?.keptAfter(0)).toEqual([
    { number: 3, frame: "answer", note: ANSWER },
    { number: 4, frame: "about", note: "r" },
    { number: 5, frame: "none", note: null },
    { number: 6, frame: bytes, note: null },
  ]);
});

test("what is not committed is not there, and what a history let go before it could be is known to be missing", () => {
  const disk = new Disk();
  const room = history(20);
  log(disk, { "room r": room });
  room.push(1, "one");
  disk.commit();
  for (let number = 2; number <= 30; number++) room.push(number, "x");
  disk.commit();
  room.push(31, "late");
  const [after] = afterwards(disk, ["room r"]);
  expect(after?.last).toBe(30);
  expect(after?.gone).toBe(10);
});

test("answers that were forgotten, since another client has come, do not come back", () => {
  const disk = new Disk();
  const own = history();
  log(disk, { u1: own });
  own.push(1, "answer", ANSWER);
  own.push(2, "event", null);
  disk.commit();
  own.leaveOut((note) => note === ANSWER);
  disk.commit();
  const [after] = afterwards(disk, ["u1"]);
  expect(after?.keptAfter(0).map(({ frame }) => frame)).toEqual(["event"]);
});

test("a room of a name that another had before has nothing of that one", () => {
  const disk = new Disk();
  const before = history();
  const frames = log(disk, { "room r": before });
  before.push(1, "old");
  disk.commit();
  frames.forget(before);
  const room = history();
  frames.open(room, "room r");
  room.push(2, "new");
  disk.commit();
  const [after] = afterwards(disk, ["room r"]);
  expect(after?.keptAfter(0).map(({ frame }) => frame)).toEqual(["new"]);
});

test("however long it goes on, no more is written down than a few times what is kept, and a quiet history loses nothing", () => {
  const disk = new Disk();
  const random = new Random(5);
  const keys = ["room a", "room b", "quiet", "u1", "u2"];
  const histories = keys.map(() => history());
  log(disk, Object.fromEntries(keys.map((key, at) => [key, histories[at] as History])));
  let number = 0;
  const push = (at: number) => histories[at]?.push(++number, `${number} ${"x".repeat(random.below(1000))}`);
  for (let n = 0; n < 5; n++) push(2);
  let most = 0;
  for (let commit = 0; commit < 2000; commit++) {
    for (let n = random.below(6); n >= 0; n--) push(random.pick([0, 1, 3, 4]));
    disk.commit();
    most = Math.max(most, disk.size);
  }
  expect(most).toBeLessThan(5 * 256 * 1024);
  const after = afterwards(disk, keys);
  for (const [at, each] of histories.entries()) {
    expect(after[at]?.keptAfter(0)).toEqual(each.keptAfter(0));
    expect(after[at]?.gone).toBe(each.gone);
  }
});

test("frames that their histories let go in time are written once, and what is gone is known though its records are forgotten", () => {
  const disk = new Disk();
  const keys = ["room a", "room b", "seen", "u1"];
  const histories = keys.map(() => history());
  const [, , seen] = histories as [History, History, History];
  log(disk, Object.fromEntries(keys.map((key, at) => [key, histories[at] as History])));
  seen.push(1, "seen by all");
  let number = 1;
  let sent = 0;
  for (let commit = 0; commit < 4000; commit++) {
    for (const at of [0, 1, 3]) {
      const frame = `${++number} ${"x".repeat(400)}`;
      sent += frame.length;
      histories[at]?.push(number, frame);
    }
    disk.commit();
    if (commit === 10) seen.forgetUpTo(1);
  }
  expect(disk.written).toBeLessThan(1.3 * sent);
  expect(disk.size).toBeLessThan(2 * 256 * 1024);
  const after = afterwards(disk, keys);
  for (const [at, each] of histories.entries()) {
    expect(after[at]?.keptAfter(0)).toEqual(each.keptAfter(0));
    expect(after[at]?.gone).toBe(each.gone);
  }
});

test("a server that goes on with what was written forgets that, too, and loses nothing", () => {
  const disk = new Disk();
  const keys = ["room a", "quiet"];
  let number = 0;
  for (let server = 0; server < 4; server++) {
    const histories = Object.fromEntries(keys.map((key) => [key, history()]));
    const made = log(disk, histories);
    made.goOn(readAll(disk.kept));
    made.fill(() => undefined);
    if (server === 0) histories.quiet?.push(++number, "quiet");
    for (let commit = 0; commit < 500; commit++) {
      histories["room a"]?.push(++number, "x".repeat(1000));
      disk.commit();
    }
    expect(disk.size).toBeLessThan(2 * 256 * 1024);
    const [room, quiet] = afterwards(disk, keys);
    expect(room?.keptAfter(0)).toEqual(histories["room a"]?.keptAfter(0) ?? []);
    expect(quiet?.keptAfter(0)).toMatchObject([{ number: 1, frame: "quiet" }]);
  }
});

test("while nothing can be written no more waits than it may, and what is left out is known to be missing", () => {
  const disk = new Disk();
  const room = history();
  log(disk, { "room r": room });
  room.push(1, "one");
  disk.commit();
  disk.units = 17 * 1024 * 1024;
  for (let number = 2; number < 10; number++) room.push(number, "x");
  disk.commit();
  disk.units = 0;
  room.push(10, "ten");
  disk.commit();
  const [after] = afterwards(disk, ["room r"]);
  expect(after?.keptAfter(0).map(({ number }) => number)).toEqual([10]);
  expect(after?.gone).toBe(9);
});
