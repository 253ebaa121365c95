/** A server that ends again while its clients come back after its first end: what was answered before stays known to be. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const room = `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ said: [] }),
  messages: { say(room, user, text) { room.state.said.push(text); return text; } },
  emits: { dump: (room) => console.log(JSON.stringify(room.state)) },
});`;
const build = buildOf(
  { "rooms/r.js": room },
  { rooms: "join", session: { grace: 1_000_000, history: 1000 }, emptyGrace: 1_000_000 },
);

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
type Frame = any;

/** What a client is told of the frames that the server had answered. */
interface Told {
  readonly received: number;
  readonly beyond: readonly number[];
  readonly session: string;
}

/** Remembers what a client had been sent when each transaction was made. */
class MarkingStore extends RecordingStore {
  readonly marks: number[] = [];
  look: () => number = () => 0;

  override async commit(...args: Parameters<RecordingStore["commit"]>): Promise<void> {
    const before = this.transactions.length;
    await super.commit(...args);
    if (this.transactions.length > before) this.marks[this.transactions.length] = this.look();
  }
}

/** Comes back by a secret; undefined where it is of no session. */
async function resume(core: Core, session: string): Promise<Told | undefined> {
  const reply = (await core.ask(core.connect(), { event: "reconnect", data: { session } })) as Frame;
  if (!reply.ok) expect(reply.error.code).toBe("session_expired");
  return reply.ok ? { beyond: [], ...reply.data } : undefined;
}

/** Returns a store that has what another one has. */
async function copyOf(store: RecordingStore): Promise<MarkingStore> {
  const copy = new MarkingStore();
  for (const writes of store.transactions) await copy.commit(writes);
  return copy;
}

/** A server whose client has had answers to its first frames, and perhaps to some beyond the next; and the client's secret. */
async function ended(): Promise<{ store: RecordingStore; session: string; ends: number[] }> {
  const store = new MarkingStore();
  const core = new Core(store);
  await core.start(build);
  const ann = core.connect();
  const login = (await core.ask(ann, { event: "login", data: { name: "ann" } })) as Frame;
  for (const name of ["a", "b"]) await core.ask(ann, { event: "join", room: name });
  for (let n = 0; n < 8; n++) await core.ask(ann, say("ab"[n % 2] as string, n));
  await core.quiet();
  const quiet = store.transactions.length;
  for (let n = 8; n < 14; n++) {
    ann.ask(say("ab"[n % 2] as string, n));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await core.quiet();
  await core.stop();
  const late = store.transactions.length;
  return { store, session: login.data.session, ends: [quiet, quiet + 2, late] };
}

function say(to: string, n: number): object {
  return { event: "message", type: "say", room: to, data: `ann ${n}` };
}

function numbers({ received, beyond }: Told): number[] {
  return [...Array.from({ length: received }, (_, at) => at + 1), ...beyond];
}

test("[P149] who comes back by the secret that was told, or by the one before, is told all that was answered, wherever the server ended again", async () => {
  const { store, session, ends } = await ended();
  for (const end of ends) {
    const cut = await copyOf(await store.cut(end));
    const again = new Core(cut);
    await again.start(build);
    const first = cut.transactions.length;
    const ann = again.connect();
    const { data: told } = (await again.ask(ann, { event: "reconnect", data: { session } })) as Frame;
    const before: Told = { beyond: [], ...told };
    expect(before.received).toBeGreaterThanOrEqual(10);
    cut.look = () => ann.got.filter(({ ok, seq }) => ok && seq !== undefined).length;
    const already = cut.look();
    const back = cut.transactions.length;
    for (let n = 20; n < 24; n++) await again.ask(ann, say("ab"[n % 2] as string, n));
    await again.quiet();
    await again.stop();
    for (let second = first; second <= cut.transactions.length; second++) {
      const got = (cut.marks[second] ?? already) - already;
      const newer = new Core(await cut.cut(second));
      await newer.start(build);
      const next = await resume(newer, told.session);
      if (second >= back) expect(next).toBeDefined();
      const known = next && numbers(next);
      // Counted anew: the four came behind those that it was told of.
      const had = Array.from({ length: before.received + got }, (_, at) => at + 1);
      if (known) expect({ end, second, known }).toEqual({ end, second, known: expect.arrayContaining(had) });
      await newer.stop();
      if (second > back) continue;
      const older = new Core(await cut.cut(second));
      await older.start(build);
      const last = await resume(older, session);
      expect({ end, second, ...(last && { known: numbers(last) }) }).toEqual({
        end,
        second,
        known: numbers(before),
      });
      await older.stop();
    }
  }
}, 60_000);

test.each(["join", "subscribe"])(
  "[P148] who comes back at once is told of the room whose script it had asked, by %s, wherever the server ended, and ended again",
  async (event) => {
    const store = new RecordingStore();
    const core = new Core(store);
    await core.start(build);
    await core.user("bob", "a");
    const ann = core.connect();
    const login = (await core.ask(ann, { event: "login", data: { name: "ann" } })) as Frame;
    await core.quiet();
    const before = store.transactions.length;
    await core.ask(ann, { event, room: "a" });
    await core.quiet();
    await core.stop();

    const rooms = async (core: Core, session: string): Promise<{ told: object[]; session: string }> => {
      const { data } = (await core.ask(core.connect(), { event: "reconnect", data: { session } })) as Frame;
      const told = data.rooms.map(({ room, watching = false }: Frame) => ({ room, watching }));
      return { told, session: data.session };
    };
    const seen = new Set<number>();
    for (let end = before + 1; end <= store.transactions.length; end++) {
      const cut = await store.cut(end);
      const again = new Core(cut);
      await again.start(build);
      await again.stop();
      for (let second = end; second <= cut.transactions.length; second++) {
        const newer = new Core(await cut.cut(second));
        await newer.begin(build);
        const early = await rooms(newer, login.data.session);
        await newer.quiet();
        const { told } = await rooms(newer, early.session);
        expect({ end, second, told: early.told }).toEqual({ end, second, told });
        seen.add(told.length);
        await newer.stop();
      }
    }
    // It ended before it had asked, and after it.
    expect([...seen]).toEqual([0, 1]);
  },
  60_000,
);
