/** A server that ends after any of its commits: what its clients have asked for is done once, and they get all of it or are told. */
import { expect, test } from "bun:test";
import { Random } from "../../torture/random.ts";
import { buildOf, type Client, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = `
import { defineRoom, refuse } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ said: [], noted: [] }),
  messages: {
    say(room, user, text) { room.state.said.push(text); room.broadcast("said", text); return text; },
    whisper(room, user, text) { room.state.said.push(text); user.send("said", text); return text; },
    note(room, user, text) { room.state.noted.push(text); },
    no: () => refuse("no"),
  },
  emits: { dump: (room) => console.log(JSON.stringify(room.state)) },
});`;
const app = `
import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  state: () => ({ said: [], noted: [] }),
  events: { create() {} },
  messages: {
    say(app, user, text) { app.state.said.push(text); app.broadcast("said", text); return text; },
    note(app, user, text) { app.state.noted.push(text); },
  },
  emits: { dump: (app) => console.log(JSON.stringify(app.state)) },
});`;
const build = buildOf(
  { "app.js": app, "rooms/r.js": room },
  { rooms: "join", roomsPerSandbox: 1, session: { grace: 1_000_000, history: 1000 }, emptyGrace: 1_000_000 },
);

/** Ends that are tried: each takes a start. */
const MOST_ENDS = 16;

const PLACES = ["a", "b", ""];

/** A frame of the client, by its number in the session. */
interface Sent {
  readonly number: number;
  readonly id: string | undefined;
  readonly frame: {
    readonly event: "message" | "create" | "join";
    readonly type?: string;
    readonly data?: unknown;
    readonly room?: string;
  };
  /** What the answer says. */
  readonly answer: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
type Frame = any;

/** Remembers what the client had been sent, and had sent, when each transaction was made. */
class WatchingStore extends RecordingStore {
  readonly marks: { got: number; sent: number }[] = [];
  look: () => { got: number; sent: number } = () => ({ got: 0, sent: 0 });

  override async commit(...args: Parameters<RecordingStore["commit"]>): Promise<void> {
    const before = this.transactions.length;
    await super.commit(...args);
    // What is sent while it is on its way was sent before the server knew that it is made.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.transactions.length > before) this.marks.push(this.look());
  }
}

function send(client: Client, { frame, id }: Sent): void {
  client.frame({ ...frame, ...(id !== undefined && { id }) });
}

/** Makes the next things to say, of which some ask for no answer and some are refused. */
function* things(random: Random, count: number): Generator<Sent> {
  for (let n = 0; n < count; n++) {
    const place = random.pick(PLACES);
    const type = random.pick(place === "" ? ["say", "note"] : ["say", "say", "whisper", "note", "no"]);
    const id = type === "note" ? undefined : `i${n}`;
    const data = `ann ${n}`;
    const frame = { event: "message" as const, type, data, ...(place !== "" && { room: place }) };
    // The joins came before.
    const number = n + 3;
    const name = `c${n}`;
    if (n % 8 === 5)
      yield {
        number,
        id: `i${n}`,
        frame: { event: "create", room: name, data: { type: "r" } },
        answer: { room: name, type: "r" },
      };
    else if (n % 8 === 1)
      yield {
        number,
        id: `i${n}`,
        frame: { event: "join", room: name },
        answer: expect.objectContaining({ room: name }),
      };
    else yield { number, id, frame, answer: data };
  }
}

/** Returns what a client was sent of one kind. */
function textsOf(frames: readonly Frame[], room: string): string[] {
  const isOf = (frame: Frame) => frame.type === "said" && (frame.room ?? "") === room;
  return frames.filter(isOf).map(({ data }) => data);
}

test("[P148] [P149] after the end at any step each frame is done once and answered, and nothing is missing that is not told", async () => {
  const random = new Random(13);
  const store = new WatchingStore();
  const control = new Core(store);
  await control.start(build);
  const bob = await control.user("bob", "a", "b");
  const ann = control.connect();
  const login = (await control.ask(ann, { event: "login", data: { name: "ann" } })) as Frame;
  for (const name of ["a", "b"]) await control.ask(ann, { event: "join", room: name });
  await control.quiet();
  const { session } = login.data;
  const first = store.transactions.length;
  const frames: Sent[] = [];
  let sent = 0;
  store.marks.length = 0;
  store.look = () => ({ got: ann.got.length, sent });
  for (const each of things(random, 24)) {
    frames.push(each);
    send(ann, each);
    sent++;
    if (random.below(3) === 0) bob.ask({ event: "message", room: "a", type: "say", data: `bob ${sent}` });
    for (let turns = random.below(4); turns > 0; turns--)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await control.quiet();
  await control.stop();
  expect(store.marks.length).toBeGreaterThan(8);

  let resets = 0;
  const step = Math.ceil(store.marks.length / MOST_ENDS);
  for (let at = 0; at + 1 < store.marks.length; at += step) {
    const [early, late] = store.marks.slice(at, at + 2) as [
      { got: number; sent: number },
      { got: number; sent: number },
    ];
    for (const got of new Set([early.got, late.got])) {
      const before: Frame[] = ann.got.slice(0, got);
      const again = new Core(await store.cut(first + at + 1));
      await again.start(build);
      const client = again.connect();
      const seen = Math.max(0, ...before.map(({ seq }) => seq ?? 0));
      const { data: reply } = (await again.ask(client, {
        event: "reconnect",
        data: { session, seen },
      })) as Frame;
      const { received, beyond = [], lost = [] } = reply;
      const hasAnswer = new Set(before.map(({ id }) => id));
      for (const each of frames) {
        const isDone =
          each.number <= received || beyond.includes(each.number) || (each.id && hasAnswer.has(each.id));
        if (each.number > late.sent + 2 || !isDone) send(client, each);
      }
      await again.quiet();
      resets += lost.length > 0 ? 1 : 0;
      const all = [...before, ...(client.got as Frame[])];
      for (const { id, frame, answer } of frames) {
        if (frame.event !== "message") expect(again.application.rooms.has(frame.room ?? "")).toBe(true);
        if (id === undefined) continue;
        const answers = all.filter((each) => each.id === id);
        expect({ at, got, id, answers: answers.length > 0 }).toEqual({ at, got, id, answers: true });
        for (const { ok, data } of answers)
          expect(ok || frame.type === "no" ? data : "failed").toEqual(ok ? answer : undefined);
      }
      for (const place of PLACES) {
        const { said, noted } = (await again.state(place)) as { said: string[]; noted: string[] };
        const mine = frames.filter((each) => (each.frame.room ?? "") === place);
        const ofType = (...types: string[]) =>
          mine
            .filter(({ frame }) => types.includes(frame.type ?? ""))
            .map(({ frame }) => frame.data as string);
        const own = said.filter((text) => text.startsWith("ann"));
        expect({ at, got, place, own: own.toSorted() }).toEqual({
          at,
          got,
          place,
          own: ofType("say", "whisper").toSorted(),
        });
        expect({ at, got, place, noted: noted.toSorted() }).toEqual({
          at,
          got,
          place,
          noted: ofType("note").toSorted(),
        });
        const heard = textsOf(all, place);
        expect({ at, got, place, heard: new Set(heard).size }).toEqual({
          at,
          got,
          place,
          heard: heard.length,
        });
        const isLost = lost.includes(place === "" ? null : place);
        if (isLost) expect(said).toEqual(expect.arrayContaining(heard));
        else
          expect({ at, got, place, heard: heard.toSorted() }).toEqual({
            at,
            got,
            place,
            heard: said.toSorted(),
          });
      }
      await again.stop();
    }
  }
  // It was hard enough.
  expect(resets).toBeGreaterThan(0);
}, 120_000);
