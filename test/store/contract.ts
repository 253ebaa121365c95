import { expect, test } from "bun:test";
import type { JournalStore, Place, Write } from "../../src/core/ports/journal_store.ts";

const lobby: Place = { application: "chat", room: "lobby" };
const hall: Place = { application: "chat", room: "hall" };
const chat: Place = { application: "chat" };

/** A store that a test opens, closes and opens again. */
export interface OpenedStore {
  readonly store: JournalStore;
  /** Closes the store and opens it anew where it outlives that; resolves with the one to go on with. */
  reopen(): Promise<JournalStore>;
  [Symbol.asyncDispose](): Promise<void>;
}

const put = (at: Place, item: "room" | "script" | "user", key: string, value: string): Write => ({
  kind: "put",
  at,
  item,
  key,
  value,
});
const append = (at: Place, number: number, record: string): Write => ({
  kind: "append",
  at,
  log: "events",
  number,
  record,
});

async function itemsOf(store: JournalStore, application: string): Promise<string[]> {
  const items = await store.items(application);
  return items.map(({ at, item, key, value }) => `${at.room ?? ""}/${item}/${key}=${value}`).sort();
}

/** What each store does, in memory or on a disk. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  test(`${name}: a new store has nothing`, async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.applications()).toEqual([]);
    expect(await store.items("chat")).toEqual([]);
    expect(await store.records(lobby, "events")).toEqual([]);
  });

  test(`${name}: items are there as they were put last, by place, kind and key, after a new start as well`, async () => {
    await using opened = await open();
    const first = [
      put(lobby, "room", "", "{}"),
      put(chat, "user", "u1", '"ann"'),
      put(chat, "user", "u2", "1"),
    ];
    await opened.store.commit([...first, put(hall, "room", "", "[]")], "relaxed");
    await opened.store.commit(
      [
        put(chat, "user", "u1", '"bob"'),
        { kind: "delete", at: chat, item: "user", key: "u2" },
        { kind: "delete", at: chat, item: "user", key: "nobody" },
        put({ application: "quiz" }, "room", "", "2"),
      ],
      "strict",
    );
    const expected = ['/user/u1="bob"', "hall/room/=[]", "lobby/room/={}"];
    expect(await itemsOf(opened.store, "chat")).toEqual(expected);
    const again = await opened.reopen();
    expect(await itemsOf(again, "chat")).toEqual(expected);
    expect([...(await again.applications())].sort()).toEqual(["chat", "quiz"]);
  });

  test(`${name}: records come in the order of their numbers; they are trimmed, cut, and written over`, async () => {
    await using opened = await open();
    const { store } = opened;
    await store.commit(
      [5, 3, 9, 10, 4, 7].map((number) => append(lobby, number, `"${number}"`)),
      "relaxed",
    );
    await store.commit(
      [
        { kind: "trim", at: lobby, log: "events", upTo: 4 },
        { kind: "cut", at: lobby, log: "events", from: 9 },
        append(lobby, 7, '"seven"'),
        { kind: "append", at: lobby, log: "frames", number: 7, record: "0" },
        append(hall, 7, "1"),
        append(chat, 7, "2"),
      ],
      "relaxed",
    );
    const again = await opened.reopen();
    const kept = [
      { number: 5, record: '"5"' },
      { number: 7, record: '"seven"' },
    ];
    expect(await again.records(lobby, "events")).toEqual(kept);
    expect(await again.records(lobby, "frames")).toEqual([{ number: 7, record: "0" }]);
    expect(await again.records(hall, "events")).toEqual([{ number: 7, record: "1" }]);
    expect(await again.records(chat, "events")).toEqual([{ number: 7, record: "2" }]);
  });

  test(`${name}: changes of one commit are made in their order`, async () => {
    await using opened = await open();
    const { store } = opened;
    await store.commit(
      [
        put(lobby, "script", "", "1"),
        append(lobby, 1, "1"),
        { kind: "forget", at: lobby },
        put(lobby, "room", "", "2"),
        append(lobby, 2, "2"),
        { kind: "trim", at: lobby, log: "events", upTo: 1 },
        append(lobby, 1, "3"),
      ],
      "relaxed",
    );
    expect(await itemsOf(store, "chat")).toEqual(["lobby/room/=2"]);
    expect((await store.records(lobby, "events")).map(({ record }) => record)).toEqual(["3", "2"]);
  });

  test(`${name}: a room is forgotten by itself, an application with its rooms`, async () => {
    await using opened = await open();
    const { store } = opened;
    const both = [lobby, hall, chat, { application: "quiz", room: "lobby" }];
    await store.commit(
      both.flatMap((at) => [put(at, "room", "", "1"), append(at, 1, "1")]),
      "relaxed",
    );
    await store.commit([{ kind: "forget", at: lobby }], "relaxed");
    expect(await itemsOf(store, "chat")).toEqual(["/room/=1", "hall/room/=1"]);
    expect(await store.records(lobby, "events")).toEqual([]);
    expect(await store.records(hall, "events")).toHaveLength(1);
    await store.commit([{ kind: "forget", at: chat }], "relaxed");
    expect(await store.items("chat")).toEqual([]);
    expect(await store.records(hall, "events")).toEqual([]);
    expect(await store.applications()).toEqual(["quiz"]);
    await store.commit([{ kind: "forget", at: { application: "nobody" } }], "relaxed");
    const again = await opened.reopen();
    expect(await again.applications()).toEqual(["quiz"]);
    expect(await again.items("quiz")).toHaveLength(1);
  });

  test(`${name}: an application of which all was taken back is none`, async () => {
    await using opened = await open();
    const { store } = opened;
    await store.commit([put(chat, "user", "u1", "1"), append(lobby, 1, "1")], "relaxed");
    await store.commit(
      [
        { kind: "delete", at: chat, item: "user", key: "u1" },
        { kind: "cut", at: lobby, log: "events", from: 0 },
      ],
      "relaxed",
    );
    expect(await store.applications()).toEqual([]);
  });

  test(`${name}: texts come back as they were, whatever is in them and however long they are`, async () => {
    await using opened = await open();
    const odd = 'é\u2028\n"\\\0🎲';
    const long = JSON.stringify("é🎲".repeat(1_500_000));
    const at: Place = { application: odd, room: odd };
    await opened.store.commit(
      [put(at, "user", odd, JSON.stringify(odd)), append(at, 2 ** 52, long)],
      "relaxed",
    );
    const again = await opened.reopen();
    expect(await again.applications()).toEqual([odd]);
    expect(await again.items(odd)).toEqual([{ at, item: "user", key: odd, value: JSON.stringify(odd) }]);
    const [record] = await again.records(at, "events");
    expect(record?.number).toBe(2 ** 52);
    expect(record?.record === long).toBe(true);
  });

  test(`${name}: a record may have any character, a zero too`, async () => {
    await using opened = await open();
    const record = "m[1]\n\0\u0001ä€😀\0";
    await opened.store.commit([append(lobby, 1, record), append(lobby, 2, "\0")], "relaxed");
    const again = await opened.reopen();
    expect((await again.records(lobby, "events")).map((each) => each.record)).toEqual([record, "\0"]);
  });

  test(`${name}: thousands of items and records come whole`, async () => {
    await using opened = await open();
    const text = JSON.stringify("x".repeat(2_000));
    const writes = Array.from({ length: 1_000 }, (_, index) => [
      put({ application: "chat", room: `r${index}` }, "script", "", text),
      append(lobby, index, text),
    ]).flat();
    await opened.store.commit(writes, "relaxed");
    const again = await opened.reopen();
    const items = await again.items("chat");
    expect(new Set(items.map(({ at }) => at.room)).size).toBe(1_000);
    expect(items.every(({ value }) => value === text)).toBe(true);
    const records = await again.records(lobby, "events");
    expect(records.map(({ number }) => number)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test(`${name}: says how much it keeps and has done`, async () => {
    await using opened = await open();
    const { store } = opened;
    await store.commit([put(lobby, "room", "", JSON.stringify("x".repeat(10_000)))], "strict");
    const { bytes, waiting, commits, failures, problem } = store.view;
    expect(bytes).toBeGreaterThan(10_000);
    expect([waiting, commits, failures, problem]).toEqual([0, 1, 0, undefined]);
  });
}
