/** Single clients that take what is there for many. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Longest wait of a victim, ms, on a machine that does other things too. */
const HANG = 10_000;

const files = {
  ...victimFiles,
  "maker/hotroom.json": `{ "rooms": "client", "roomsPerUser": 10, "watchesPerUser": 5 }`,
  "maker/rooms/room.js": `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { close: (room) => room.close("It is over.") } });
`,
  "vault/hotroom.json": `{ "rooms": "client" }`,
  "vault/rooms/room.js": `import { defineRoom } from "hotroom";\nexport default defineRoom({});\n`,
};

onEachRuntime(
  "single clients",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;

    beforeAll(async () => {
      server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    test("[P55] one client makes, joins and watches as many rooms as a user may, whatever it calls itself", async () => {
      victim.during = "a client that makes rooms";
      const client = await server.connect("maker");
      const make = (n: number) => client.request({ event: "create", room: `room ${n}` });
      await client.ok({ event: "login", data: { name: "one" } });
      for (let n = 0; n < 10; n++) expect((await make(n)).ok).toBe(true);
      const refusal = {
        code: "too_many_rooms",
        message: 'Cannot create room "room 10": you have 10 rooms, the most you may have.',
      };
      expect((await make(10)).error).toEqual(refusal);
      await client.ok({ event: "logout" });
      await client.ok({ event: "login", data: { name: "another" } });
      expect((await make(10)).error).toEqual(refusal);
      // Others are not concerned, and what has closed counts no more.
      const other = await server.user("maker", "other");
      await other.ok({ event: "create", room: "room 10" });
      for (const room of Array.from({ length: 10 }, (_, n) => `room ${n}`))
        await client.ok({ event: "join", room });
      expect(await client.fails({ event: "join", room: "room 10" })).toEqual({
        code: "too_many_rooms",
        message: 'Cannot join room "room 10": you are in 10 rooms, the most you may be in.',
      });
      expect((await client.fails({ event: "join", room: "room 9" })).code).toBe("already_in_room");
      await client.ask("room 0", "close");
      await client.next((frame) => frame.event === "room_remove");
      expect((await make(11)).ok).toBe(true);
      await client.ok({ event: "join", room: "room 10" });
      for (const room of ["room 1", "room 2", "room 3", "room 4", "room 5"])
        await other.ok({ event: "subscribe", room });
      expect(await other.fails({ event: "subscribe", room: "room 6" })).toEqual({
        code: "too_many_rooms",
        message: 'Cannot watch room "room 6": you watch 5, the most you may watch.',
      });
      await other.ok({ event: "unsubscribe", room: "room 1" });
      await other.ok({ event: "subscribe", room: "room 6" });
      expect(await victim.goesOn()).toEqual([]);
    });

    test("[P56] the password of a room can't be guessed by trying, and who knows it gets in meanwhile", async () => {
      victim.during = "a password that is guessed";
      const owner = await server.user("vault", "owner");
      const guest = await server.user("vault", "guest");
      await owner.ok({ event: "create", room: "locked", data: { password: "7713" } });
      await owner.ok({ event: "join", room: "locked", data: { password: "7713" } });
      const guessers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => server.user("vault", `guesser ${n}`)),
      );
      const codes = new Map<string, number>();
      const guess = async (client: TestClient, password: string, event: string) => {
        const { code } = await client.fails({ event, room: "locked", data: { password } });
        codes.set(code, (codes.get(code) ?? 0) + 1);
      };
      for (let n = 0; n < 20; n++) {
        for (const client of guessers) await guess(client, `${7000 + n}`, n % 2 ? "join" : "subscribe");
      }
      expect([...codes.keys()]).toEqual(["wrong_password", "rate_limited"]);
      // Ten connections have five tries each; 30 of them the room allows to connections that have just come.
      expect(codes.get("wrong_password")).toBeWithin(30, 40);
      for (const client of guessers) await guess(client, "7713", "join");
      expect(codes.get("wrong_password")).toBeWithin(30, 40);
      const joined = await until("ten seconds to have passed since the guest came", async () => {
        const reply = await guest.request({ event: "join", room: "locked", data: { password: "7713" } });
        return reply.ok && reply.data;
      });
      expect(joined.users.map(({ name }: { name: string }) => name)).toEqual(["owner", "guest"]);
      expect(await victim.goesOn()).toEqual([]);
    });

    test("the victims counted on through all of it, and nobody waited for ever", async () => {
      victim.during = "the end";
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
      expect(victim.worst.ms).toBeLessThan(HANG);
      expect(victim.worstOfSockets.ms).toBeLessThan(HANG);
    });

    afterAll(() => {
      if (victim) console.log(`single clients, on ${runtime}\n${victim.report()}`);
    });
  },
  ["bun", "deno"],
);
