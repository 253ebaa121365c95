/** Moves by scripts that something comes in between of: another move, a kick, a leave, the end of the room. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const hall = `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ heard: [] as string[] }),
    events: {
      join(room, user, data) {
        for (let n = 0, most = data?.slow ? 2e6 : 0; n < most; n++);
        room.state.heard.push("+" + user.name);
        room.broadcast("came", user.name);
      },
      leave(room, user) { room.state.heard.push("-" + user.name); },
    },
    messages: {
      moves(room, user, all) { for (const to of all) room.move(user, to); },
      moveAndKick(room, user, to) { room.move(user, to); room.kick(user, "Out."); },
      kickAndMove(room, user, to) { room.kick(user, "Out."); room.move(user, to); },
      moveAndClose(room, user, to) { room.move(user, to); room.close("Over."); },
      slowly(room, user, to) { room.move(user, to, { slow: true }); },
      heard: (room) => room.state.heard,
    },
  });`;
const app = `
  import { defineApplication } from "hotroom";
  export default defineApplication({
    messages: { rooms: (app, user) => app.user(user.id).rooms },
  });`;

onEachRuntime("canceled moves", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const files = {
      "halls/hotroom.json": `{ "rooms": "join", "limits": { "cpuPerEvent": 1000 } }`,
      "halls/app.ts": app,
      "halls/rooms/hall.ts": hall,
    };
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });
  });

  const rooms = (client: TestClient) => client.ask(undefined, "rooms");
  const joins = (client: TestClient) =>
    client.frames(({ event }) => event === "joined").map(({ room }) => room);

  test("[P79] of moves from one room the first holds that succeeds, and the log says why the other one does not", async () => {
    const [ann, bob] = [
      await server.user("halls", "ann", "here"),
      await server.user("halls", "bob", "there"),
    ];
    const cat = await server.user("halls", "cat", "elsewhere");
    const start = server.output().length;
    await ann.ask("here", "moves", ["there", "elsewhere"]);
    await server.logged(
      /Cannot move user "ann" to room "elsewhere": the user is not in room "here" any more/,
      start,
    );
    await ann.next(({ event, room }) => event === "joined" && room === "there");
    await ann.settle();
    expect(await rooms(ann)).toEqual(["there"]);
    expect(joins(ann)).toEqual(["there"]);
    expect(await cat.ask("elsewhere", "heard")).toEqual(["+cat"]);
    // One that fails is in the way of no other.
    await ann.ask("there", "moves", ["nowhere", "there", "elsewhere"]);
    await ann.next(({ event, room }) => event === "joined" && room === "elsewhere");
    expect(await rooms(ann)).toEqual(["elsewhere"]);
    for (const client of [ann, bob, cat]) client.close();
  });

  test("[P74, P79] who is kicked is not moved, whichever the script says first", async () => {
    const dan = await server.user("halls", "dan", "to");
    for (const [type, name] of [
      ["moveAndKick", "ann"],
      ["kickAndMove", "bob"],
    ] as const) {
      const user = await server.user("halls", name, "from");
      const start = server.output().length;
      await user.ask("from", type, "to");
      expect(await user.next(({ event }) => event === "leave")).toMatchObject({
        room: "from",
        reason: "Out.",
      });
      if (type === "moveAndKick")
        await server.logged(
          /Cannot move user "ann" to room "to": the user is not in room "from" any more/,
          start,
        );
      await user.settle();
      expect(await rooms(user)).toEqual([]);
      expect(joins(user)).toEqual([]);
      user.close();
    }
    expect(await dan.ask("to", "heard")).toEqual(["+dan"]);
    dan.close();
  });

  test("[P79] who leaves while the other room decides is in neither, and the other room's script hears that it is gone", async () => {
    const dan = await server.user("halls", "gus", "goal");
    const eve = await server.user("halls", "eve", "start");
    let canceled = 0;
    for (let n = 0; n < 5; n++) {
      const user = await server.user("halls", `ann ${n}`, "start");
      await user.ask("start", "slowly", "goal");
      const { ok } = await user.request({ event: "leave", room: "start" });
      if (!ok) await user.ok({ event: "leave", room: "goal" });
      else {
        canceled++;
        await dan.ask("goal", "heard");
        expect(joins(user)).toEqual([]);
        const isOfIt = (frame: Frame) => frame.room === "goal" && JSON.stringify(frame).includes(`ann ${n}`);
        expect(dan.frames(isOfIt)).toEqual([]);
      }
      expect(await rooms(user)).toEqual([]);
      const heard: string[] = await dan.ask("goal", "heard");
      expect(heard.slice(-2)).toEqual([`+ann ${n}`, `-ann ${n}`]);
      user.close();
    }
    expect(canceled).toBeGreaterThan(0);
    for (const client of [dan, eve]) client.close();
  });

  test("[P54, P79] who is moved from a room that closes comes to the other one", async () => {
    const dan = await server.user("halls", "ned", "next");
    const ann = await server.user("halls", "ann", "last");
    await ann.ask("last", "moveAndClose", "next");
    await ann.next(({ event, room }) => event === "joined" && room === "next");
    await ann.settle();
    expect(await rooms(ann)).toEqual(["next"]);
    for (const client of [ann, dan]) client.close();
  });
});
