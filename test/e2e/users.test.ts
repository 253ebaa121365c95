/** Connections and the users on them: before, between and after a login. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const files = {
  "Zürich.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      messages: { say(room, user, data) { room.broadcast("said", data); } },
    });`,
  "slow/hotroom.json": `{ "rooms": "join", "limits": { "cpuPerEvent": 1000, "cpuHard": 2000 } }`,
  "slow/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ events: { close() { for (let n = 0; n < 5e6; n++); } } });`,
};
const application = encodeURIComponent("Zürich");

onEachRuntimeAndExecutable("users", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  test("[P1] the name in the address is percent-encoded", async () => {
    expect(application).toBe("Z%C3%BCrich");
    expect(await server.upgradeStatus(`/ws/${application}`)).toBe(101);
    expect(await server.upgradeStatus("/ws/Z%C3%BCrich%20")).toBe(404);
  });

  test("[P1] a server that is stopping answers 503", async () => {
    const stopping = await startServer({ runtime, files });
    await stopping.user("slow", "ann", "hall");
    stopping.signal("SIGTERM");
    await until("503", async () => (await stopping.upgradeStatus("/ws/slow")) === 503);
    expect(await stopping.exited()).toBe(0);
    await stopping.kill();
  });

  test("[P4] a connection hears nothing before its first frame, and no event but errors before its login", async () => {
    const guest = await server.connect(application);
    const ann = await server.user(application, "ann", "hall");
    await ann.ok({ event: "message", room: "hall", type: "say", data: 1 });
    ann.close();
    const other = await server.user(application, "other", "hall");
    await other.settle();
    expect(guest.frames()).toEqual([]);
    guest.send({ event: "dance" });
    await other.ok({ event: "leave", room: "hall" });
    await guest.settle();
    expect(guest.frames((frame) => frame.event !== undefined)).toMatchObject([{ event: "error" }]);
    for (const client of [guest, other]) client.close();
  });

  test("[P27] ping is answered with nothing else, before a login and after", async () => {
    const client = await server.connect(application);
    for (const data of [undefined, { name: "pinging" }]) {
      if (data) await client.ok({ event: "login", data });
      expect(await client.request({ event: "ping", id: 7, data: 1 })).toEqual({ id: 7, ok: true });
    }
    client.close();
  });

  test("[P32] names that look alike are different names, of users and of rooms", async () => {
    const alike = ["Ann", "ann", "Zo\u00eb", "Zoe\u0308"];
    const clients = await Promise.all(alike.map((name) => server.user(application, name)));
    for (const [index, client] of clients.entries()) {
      const { users } = await client.ok({ event: "join", room: alike[index] as string });
      expect(users.map(({ name }: { name: string }) => name)).toEqual([alike[index]]);
      client.close();
    }
  });

  test("[P33] no id is given twice, also not to one who comes back", async () => {
    const ids: string[] = [];
    const client = await server.connect(application);
    for (let time = 0; time < 20; time++) {
      const { user } = await client.ok({ event: "login", data: { name: "again" } });
      ids.push(user.id);
      await client.ok({ event: "logout" });
    }
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, n) => server.user(application, `other ${n}`, "many")),
    );
    const { users } = await (await server.user(application, "last")).ok({ event: "join", room: "many" });
    ids.push(...users.map(({ id }: { id: string }) => id));
    expect(ids).toHaveLength(41);
    expect(new Set(ids).size).toBe(41);
    for (const each of [client, ...others]) each.close();
  });

  test("[P36, P39] a login gives a session; a logout leaves all rooms, tells who it was, and the connection stays", async () => {
    const client = await server.connect(application);
    const { user, session } = await client.ok({ event: "login", data: { name: "leaver" } });
    expect(session).toMatch(/^[\w-]{32}$/);
    const witness = await server.user(application, "witness", "one");
    await witness.ok({ event: "join", room: "two" });
    for (const room of ["one", "two"]) await client.ok({ event: "join", room });
    expect(await client.request({ event: "logout", id: "out" })).toEqual({
      id: "out",
      ok: true,
      data: { user },
    });
    for (const room of ["one", "two"])
      expect(await witness.next((frame) => frame.event === "leave" && frame.room === room)).toEqual({
        event: "leave",
        room,
        user,
      });
    expect((await client.fails({ event: "join", room: "one" })).code).toBe("not_logged_in");
    expect((await client.ok({ event: "login", data: { name: "leaver" } })).session).not.toBe(session);
    for (const each of [client, witness]) each.close();
  });
});
