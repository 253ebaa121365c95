import { AskingClient } from "../asking_client.ts";
import type { Attack, Target } from "./attack.ts";

const define = (body: string) =>
  `import { defineRoom } from "hotroom";\nexport default defineRoom({${body}});\n`;

/** Puts `users` users into each of `rooms` rooms, and keeps asking `type` where one is given. */
async function crowd({ port }: Target, rooms: number, users: number, type?: string): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: rooms * users }, (_, n) =>
      AskingClient.enter(port, "attacker", `room ${n % rooms}`, `user ${n}`),
    ),
  );
  if (type === undefined) return;
  for (const client of clients) void goOnAsking(client, type);
}

async function goOnAsking(client: AskingClient, type: string): Promise<void> {
  for (;;) await client.ask(type).catch(() => {});
}

/** A room that keeps 5 MB beside its state, and more where it is asked to. */
const keeping = `import { defineRoom } from "hotroom";
const kept = [];
const keep = () => kept.push(new Uint8Array(5_000_000).fill(1));
export default defineRoom({ events: { init: keep }, messages: { more: keep } });
`;

/** Has 30 users make 100 rooms each, as far as they may; resolves with the users. */
function crowdOfRooms({ port }: Target): Promise<AskingClient[]> {
  const users = Array.from({ length: 30 }, async (_, user) => {
    const client = await AskingClient.enter(port, "attacker", `room ${user}`, `user ${user}`);
    const others = Array.from({ length: 99 }, (_, n) => `room ${user} ${n}`);
    await Promise.all(others.map((room) => client.request({ event: "join", room })));
    return client;
  });
  return Promise.all(users);
}

/** Attacks by what a script does within its limits, or nearly so. */
export const byScripts: readonly Attack[] = [
  {
    name: "chains of timers, each with 190 broadcasts to 200 members",
    files: {
      "attacker.js": define(`
  events: { init: (room) => room.schedule("again", 0) },
  timers: {
    again(room) {
      for (let i = 0; i < 190; i++) room.broadcast("n", i);
      room.schedule("again", 0);
    },
  },`),
    },
    begin: (target) => crowd(target, 4, 50),
  },
  {
    name: "chains of timers, each with 190 broadcasts of 1 KB to 200 members",
    files: {
      "attacker.js": define(`
  events: { init: (room) => room.schedule("again", 0) },
  timers: {
    again(room) {
      for (let i = 0; i < 190; i++) room.broadcast("n", "x".repeat(1200));
      room.schedule("again", 0);
    },
  },`),
    },
    begin: (target) => crowd(target, 1, 200),
  },
  {
    name: "a flood of log lines that grow where they are escaped",
    files: {
      "attacker.js": define(`
  tickRate: 60,
  tick() { for (let i = 0; i < 100; i++) console.log("\\u0001".repeat(100)); },`),
    },
    begin: (target) => crowd(target, 4, 1),
  },
  {
    name: "native code below the hard limit, 60 times a second",
    warmUp: 5000,
    files: {
      "attacker.js": define(`
  tickRate: 60,
  tick() { Array.prototype.indexOf.call({ length: 2e7 }, 1); },`),
    },
    begin: (target) => crowd(target, 1, 1),
  },
  {
    name: "native code for 40 ms at a time, in 20 rooms",
    warmUp: 5000,
    files: {
      "attacker.js": define(`
  tickRate: 60,
  tick() { Array.prototype.indexOf.call({ length: 1.6e6 }, 1); },`),
    },
    begin: (target) => crowd(target, 20, 1),
  },
  {
    name: "native code that never ends",
    warmUp: 5000,
    files: {
      "attacker.js": define(`
  messages: { hang: () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) },`),
    },
    begin: (target) => crowd(target, 4, 1, "hang"),
  },
  {
    name: "300 rooms that keep 5 MB each beside their state",
    files: {
      "attacker.js": keeping,
    },
    begin: (target) => crowd(target, 300, 1),
  },
  {
    name: "3,000 rooms that keep 5 MB each beside their state",
    files: { "attacker.js": keeping },
    begin: async (target) => void (await crowdOfRooms(target)),
  },
  {
    name: "rooms that ask for more memory than their application has, again and again",
    files: { "attacker.js": keeping },
    async begin(target) {
      for (const client of await crowdOfRooms(target)) void goOnAsking(client, "more");
    },
  },
  {
    name: "rooms of the victim's own application that are never idle",
    isShared: true,
    files: {
      "shared.js": define(`
  state: () => ({ n: 0 }),
  messages: {
    count: (room) => ++room.state.n,
    work() { const until = Date.now; let x = 0; for (let i = 0; i < 40_000; i++) x += i % 7; return x; },
  },`),
    },
    async begin({ port }) {
      for (let room = 0; room < 10; room++) {
        for (let user = 0; user < 5; user++) {
          const client = await AskingClient.enter(port, "shared", `busy ${room}`, `busy ${room} ${user}`);
          for (let n = 0; n < 4; n++) void goOnAsking(client, "work");
        }
      }
    },
  },
];
