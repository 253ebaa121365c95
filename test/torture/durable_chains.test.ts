/** Durable rooms that hand tokens on by emits and timers while the server is killed: each hop happens once. */
import { expect, test } from "bun:test";
import { until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { TestClient } from "../e2e/client.ts";
import { DurableStage } from "./durable_stage.ts";

const ROOMS = 4;
const TOKENS = 6;
const KILLS = 5;

/** A ring of rooms: a token comes by an emit, rests for a timer, and goes on to the next; the application counts all hops, too. */
const files = {
  "ring/hotroom.json": `{ "rooms": "server" }`,
  "ring/app.js": `import { defineApplication } from "hotroom";
    export default defineApplication({
      durable: true,
      state: () => ({ hops: {}, wrong: [] }),
      events: {
        init(app) { for (let n = 0; n < ${ROOMS}; n++) app.createRoom("room " + n, { type: "post", keep: true }); },
      },
      messages: {
        begin(app) { for (let t = 0; t < ${TOKENS}; t++) app.room("room 0").emit("token", { t, hop: 0 }); },
        hops: (app) => app.state,
      },
      emits: {
        hopped(app, { t, hop }) {
          const before = app.state.hops[t] ?? -1;
          if (hop !== before + 1) app.state.wrong.push([t, before, hop]);
          app.state.hops[t] = hop;
        },
      },
    });`,
  "ring/rooms/post.js": `import { defineRoom } from "hotroom";
    export default defineRoom({
      durable: true,
      state: () => ({ last: {}, wrong: [] }),
      emits: {
        token(room, { t, hop }) {
          const { last, wrong } = room.state;
          const before = last[t];
          if (before !== undefined && hop !== before + ${ROOMS}) wrong.push([t, before, hop]);
          last[t] = hop;
          // One timer for each token: names are the timers'.
          room.schedule("pass" + t, 1 + Math.floor(Math.random() * 20), { t, hop });
        },
      },
      timers: Object.fromEntries(Array.from({ length: ${TOKENS} }, (_, t) => ["pass" + t, (room, { t, hop }) => {
        room.application.emit("hopped", { t, hop });
        const next = (Number(room.name.slice(5)) + 1) % ${ROOMS};
        room.application.room("room " + next).emit("token", { t, hop: hop + 1 });
      }])),
      messages: { book: (room) => room.state },
    });`,
};

type Wrong = [token: number, before: number, hop: number][];

onEachRuntime("durable rooms that hand on", (runtime) => {
  test("each emit and each timer happens once, whenever the server is killed", async () => {
    const stage = new DurableStage(runtime, files);
    await stage.start();
    let names = 0;
    /** Somebody new, who asks and goes, once there is somebody to ask: the asker is not what is tested. */
    const ask = (type: string) => until(`an answer to ${type}`, () => tryToAsk(type));
    const tryToAsk = async (type: string): Promise<{ hops: Record<string, number>; wrong: Wrong }> => {
      const client = new TestClient(`ws://127.0.0.1:${stage.port}/ws/ring`, []);
      try {
        await client.opened;
        await client.ok({ event: "login", data: { name: `asker ${++names}` } });
        return (await client.ask(undefined, type)) ?? { hops: {}, wrong: [] };
      } finally {
        client.close();
      }
    };
    const allBeyond = (hops: Record<string, number>, than: Record<string, number>) =>
      Array.from({ length: TOKENS }, (_, t) => t).every((t) => (hops[t] ?? -1) >= (than[t] ?? -1) + ROOMS);
    try {
      await ask("begin");
      let last: Record<string, number> = {};
      for (let n = 0; n < KILLS; n++) {
        await until("all tokens to go round", async () => allBeyond((await ask("hops")).hops, last));
        await stage.kill(150);
        last = (await ask("hops")).hops;
      }
      await until("all tokens to go round", async () => allBeyond((await ask("hops")).hops, last));
      expect((await ask("hops")).wrong).toEqual([]);
      const client = new TestClient(`ws://127.0.0.1:${stage.port}/ws/ring`, []);
      await client.opened;
      await client.ok({ event: "login", data: { name: "reader" } });
      for (let n = 0; n < ROOMS; n++) {
        const room = `room ${n}`;
        await client.ok({ event: "join", room });
        expect((await client.ask(room, "book")).wrong).toEqual([]);
      }
      client.close();
    } finally {
      await stage.end();
    }
  }, 120_000);
});
