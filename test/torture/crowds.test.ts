/** Crowds that come, vanish and come back, and users with much data: who is there stays right. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Users of a crowd that vanishes; as events of the server's own they are more than wait for a script. */
const CROWD = 300;
const QUEUE = 320;
/** Users with much data: together more than a frame between server and script host may have. */
const HEAVY = 350;
const DATA = 200_000;
/** Longest wait of a victim, ms, on a machine that does other things too. */
const HANG = 10_000;

const spoils = "Object.prototype.toJSON = Array.prototype.toJSON = function () { return 'spoilt'; };";
const club = (events: string) => `import { defineRoom } from "hotroom";
export default defineRoom({
  events: { ${events} },
  messages: { who: (room) => room.users.map((user) => user.name + JSON.stringify(user.data ?? null)).join() },
});
`;
const heavyApp = (edition: number) => `import { defineApplication } from "hotroom";
export default defineApplication({
  events: { login: (app, { data }) => ({ name: data.name, data: data.name.padEnd(${DATA}, "x") }) },
  messages: {
    edition: () => ${edition},
    who: (app) => [app.users.length, app.users.filter(({ name, data }) => data.length !== ${DATA} || !data.startsWith(name + "x")).length],
  },
});
`;

const files = {
  ...victimFiles,
  "crowd/hotroom.json": `{ "rooms": "join", "session": { "grace": 0 }, "limits": { "queue": ${QUEUE} } }`,
  "crowd/app.js": `import { defineApplication } from "hotroom";
export default defineApplication({
  events: { logout() { let x = 0; for (let i = 0; i < 20_000; i++) x += i; } },
  messages: { who: (app) => app.users.map(({ name }) => name).sort().join(), rooms: (app) => app.rooms.map(({ users }) => users) },
});
`,
  "crowd/rooms/hall.js": club(""),
  "heavy/hotroom.json": `{ "rooms": "join", "session": { "grace": 0 }, "limits": { "cpuPerEvent": 1000, "message": 262144, "memory": ${384 * 1024 * 1024} } }`,
  "heavy/app.js": heavyApp(1),
  "heavy/rooms/hall.js": club(""),
  "spoilt/hotroom.json": `{ "rooms": "join", "session": { "grace": 0 } }`,
  "spoilt/app.js": `import { defineApplication } from "hotroom";
export default defineApplication({ events: { login: (app, { data }) => ({ name: data.name, data: { of: [data.name] } }) } });
`,
  "spoilt/rooms/club.js": club(`init() { ${spoils} }`),
  "hoard/hotroom.json": `{ "rooms": "join", "session": { "grace": 0 }, "limits": { "cpuPerEvent": 1000, "message": 400000, "held": 8000000 } }`,
  "hoard/app.js": `import { defineApplication } from "hotroom";
export default defineApplication({ events: { login: (app, { data }) => ({ data: "x".repeat(data.much) }) } });
`,
  "hoard/rooms/hall.js": club(""),
};

/** Lets users into an application, some at a time, and returns what those were told who were refused. */
async function enter(server: TestServer, application: string, count: number, room?: string) {
  const clients: TestClient[] = [];
  const refused: string[] = [];
  let next = 0;
  const some = Array.from({ length: 50 }, async () => {
    for (let n = next++; n < count; n = next++) {
      const client = await server.connect(application);
      clients.push(client);
      const requests = [
        { event: "login", data: { name: `user ${n}` } },
        ...(room ? [{ event: "join", room }] : []),
      ];
      for (const request of requests) {
        const { ok, error } = await client.request(request);
        if (!ok) refused.push(error.message);
      }
    }
  });
  await Promise.all(some);
  return { clients, refused };
}

function vanish(clients: readonly TestClient[]): void {
  for (const { socket } of clients) (socket as unknown as { terminate(): void }).terminate();
}

onEachRuntime(
  "crowds",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;

    beforeAll(async () => {
      server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    test("nobody of a crowd that vanishes and comes back is told that the server is busy, and the scripts know who is there", async () => {
      victim.during = "a crowd that vanishes";
      const first = await enter(server, "crowd", CROWD, "hall");
      expect(first.refused).toEqual([]);
      vanish(first.clients);
      const second = await enter(server, "crowd", CROWD, "hall");
      expect(second.refused).toEqual([]);
      const names = Array.from({ length: CROWD }, (_, n) => `user ${n}`).sort();
      const [one] = second.clients as [TestClient];
      expect(await one.ask(undefined, "who")).toBe(names.join());
      expect(await one.ask(undefined, "rooms")).toEqual([CROWD]);
      const members = (await one.ask("hall", "who")).replaceAll("null", "").split(",");
      expect(members.sort().join()).toBe(names.join());
      vanish(second.clients);
      expect(await victim.goesOn()).toEqual([]);
    });

    test("an application knows all of a crowd with much data, after edits and a killed host, and when it is opened anew", async () => {
      victim.during = "a crowd with much data";
      const { refused, clients } = await enter(server, "heavy", HEAVY);
      expect(refused).toEqual([]);
      const [one] = clients as [TestClient];
      const knowsAll = async () => expect(await one.ask(undefined, "who")).toEqual([HEAVY, 0]);
      const edit = async (edition: number) => {
        server.write("heavy/app.js", heavyApp(edition));
        await until("the edit", async () => {
          const { ok, data } = await one.request({ event: "message", type: "edition" });
          return ok && data === edition;
        });
      };
      await knowsAll();
      await edit(2);
      await knowsAll();
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      await knowsAll();
      server.remove("heavy/app.js");
      await until("an application without an extension", async () => {
        const { error } = await one.request({ event: "message", type: "edition" });
        return error?.code === "no_handler";
      });
      await edit(3);
      await knowsAll();
      vanish(clients);
      expect(await victim.goesOn()).toEqual([]);
    });

    test("a script that changes how objects are written changes nobody's picture of who is there", async () => {
      victim.during = "a script that spoils objects";
      const ann = await server.user("spoilt", "ann", "club");
      const ben = await server.user("spoilt", "ben", "club");
      const cem = await server.user("spoilt", "cem", "club");
      ben.close();
      await ann.next((frame) => frame.event === "leave");
      server.write("spoilt/rooms/club.js", club(""));
      const knowsBoth = () =>
        until("those who are there", async () => {
          const { data } = await ann.request({ event: "message", room: "club", type: "who" });
          return data === 'ann{"of":["ann"]},cem{"of":["cem"]}';
        });
      await knowsBoth();
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      await knowsBoth();
      cem.close();
      expect(await victim.goesOn()).toEqual([]);
    });

    test("the data that an application gives its users is bounded, of each and of all", async () => {
      victim.during = "users with much data";
      const login = async (name: string, much: number) => {
        const client = await server.connect("hoard");
        const { error } = await client.request({ event: "login", data: { name, much } });
        return { client, error };
      };
      expect((await login("large", 300_000)).error).toEqual({
        code: "handler_failed",
        message: "Cannot log in: what its handler returned is longer than 262144 characters.",
      });
      const logins = [];
      for (let n = 0; n < 32; n++) logins.push(await login(`user ${n}`, 250_000));
      expect(logins.slice(0, -1).map(({ error }) => error)).toEqual(new Array(31).fill(undefined));
      expect(logins.at(-1)?.error).toEqual({
        code: "too_many_users",
        message: "Cannot log in: the data of the users takes all that it may.",
      });
      expect((await login("small", 10)).error).toBeUndefined();
      await logins[0]?.client.ok({ event: "logout" });
      expect((await login("next", 200_000)).error).toBeUndefined();
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
      if (victim) console.log(`crowds, on ${runtime}\n${victim.report()}`);
    });
  },
  ["bun", "deno"],
);
