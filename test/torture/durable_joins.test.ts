/** A crowd that logs in and joins a durable application while the server is killed: who was let in is in, once. */
import { expect, test } from "bun:test";
import { inParallel } from "../bench/rooms.ts";
import { TestClient } from "../e2e/client.ts";
import { until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { DurableStage } from "./durable_stage.ts";

const GUESTS = 60;
const ROOMS = 3;
const KILLS = 3;

const files = {
  "crowd/hotroom.json": JSON.stringify({ rooms: "join", emptyGrace: 600_000, session: { grace: 120_000 } }),
  "crowd/app.js": `import { defineApplication } from "hotroom";
    export default defineApplication({
      durable: true,
      state: () => ({ logins: [] }),
      events: { loggedIn(app, user) { app.state.logins.push(user.id); } },
      messages: { logins: (app) => ({ logins: app.state.logins, users: app.users.map(({ id }) => id) }) },
    });`,
  "crowd/rooms/hall.js": `import { defineRoom } from "hotroom";
    export default defineRoom({
      durable: true,
      state: () => ({ members: [], wrong: [] }),
      events: {
        join(room, user) {
          if (room.state.members.includes(user.id)) room.state.wrong.push(user.id + " joined twice");
          room.state.members.push(user.id);
        },
        leave(room, user) {
          if (!room.state.members.includes(user.id)) room.state.wrong.push(user.id + " left without having joined");
          room.state.members = room.state.members.filter((id) => id !== user.id);
        },
      },
      messages: { book: (room) => ({ ...room.state, users: room.users.map(({ id }) => id) }) },
    });`,
};

/** What the server has told somebody. */
interface Told {
  id: string;
  session: string;
  /** The room that it was let into; undefined where nobody said so. */
  room: string | undefined;
}

onEachRuntime("a crowd that joins durable rooms", (runtime) => {
  test("who was told to be in is in after a kill, and nobody is in twice or half", async () => {
    const stage = new DurableStage(runtime, files);
    await stage.start();
    const told: Told[] = [];
    try {
      for (let n = 0; n < KILLS; n++) {
        const before = told.length;
        const some = 1 + stage.random.below(GUESTS / 2);
        const entering = inParallel(GUESTS, GUESTS, (i) => enter(stage, `guest ${n}-${i}`, i % ROOMS, told));
        await until("some to be logged in", () => told.length >= before + some);
        await stage.kill(20);
        await entering;
        await stage.server.healthy();
      }
      const clients = await inParallel(told.length, 8, async (i) => {
        const { id, session, room } = told[i] as Told;
        const client = await open(stage);
        client.idPrefix = "again ";
        const data = await client.ok({ event: "reconnect", data: { session, seen: 0 } });
        expect(data.user.id).toBe(id);
        const rooms = data.rooms.map((each: { room: string }) => each.room);
        if (room !== undefined) expect(rooms).toContain(room);
        return { client, id, rooms };
      });
      const { logins, users } = await (clients[0] as { client: TestClient }).client.ask(undefined, "logins");
      expect(new Set(logins).size).toBe(logins.length);
      expect(users.toSorted()).toEqual(logins.toSorted());
      for (let n = 0; n < ROOMS; n++) {
        const room = `hall ${n}`;
        const member = clients.find(({ rooms }) => rooms.includes(room));
        if (!member) continue;
        const book = await member.client.ask(room, "book");
        expect(book.wrong).toEqual([]);
        expect(book.users).toEqual(book.members);
        const known = clients.filter(({ rooms }) => rooms.includes(room)).map(({ id }) => id);
        for (const id of known) expect(book.members).toContain(id);
        expect(new Set(book.members).size).toBe(book.members.length);
      }
      for (const { client } of clients) client.close();
    } finally {
      await stage.end();
    }
  }, 120_000);
});

async function open(stage: DurableStage): Promise<TestClient> {
  return until("a connection", async () => {
    const client = new TestClient(`ws://127.0.0.1:${stage.port}/ws/crowd`, []);
    await client.opened;
    return client;
  });
}

/** Logs in and joins until the connection is lost; what was told is noted as soon as it is heard. */
async function enter(stage: DurableStage, name: string, hall: number, told: Told[]): Promise<void> {
  const room = `hall ${hall}`;
  const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/ws/crowd`);
  const mine: Partial<Told> = {};
  await new Promise<void>((resolve) => {
    socket.onopen = () => {
      socket.send(JSON.stringify({ event: "login", id: 1, data: { name } }));
      socket.send(JSON.stringify({ event: "join", id: 2, room }));
    };
    socket.onmessage = ({ data }) => {
      const { id, ok, data: reply } = JSON.parse(String(data));
      if (id === 1 && ok)
        told.push(Object.assign(mine, { id: reply.user.id, session: reply.session, room: undefined }));
      if (id !== 2) return;
      if (ok) mine.room = room;
      // Not 1000: that would end the session.
      socket.close(3000);
    };
    socket.onclose = () => resolve();
    socket.onerror = () => resolve();
  });
}
