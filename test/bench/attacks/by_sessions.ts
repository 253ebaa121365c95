import { inParallel } from "../rooms.ts";
import { type Attack, RATE, type Target } from "./attack.ts";
import { Guest } from "./guest.ts";

/** What is allowed a neighbour's p99: so many times its quiet value. */
const MOST = { times: 2, moreMs: 0 };
/** Between two things that an attacker does, ms: they share the machine with the victim, and must not be what it waits for. */
const PAUSE_MS = 20;
const RETURN_MS = 80;

const files = {
  "attacker.js": `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { say: (room, user, text) => room.broadcast("said", text) } });
`,
};

/** So many clients, ten in a room. */
function crowd({ port }: Target, count: number): Promise<Guest[]> {
  return inParallel(count, 32, (n) => Guest.enter(port, "attacker", `user ${n}`, `room ${n % (count / 10)}`));
}

/** Runs a task for each client, again soon after it has ended, for as long as the process lives. */
function forEver(guests: readonly Guest[], ms: number, task: (guest: Guest) => Promise<unknown>): void {
  for (const guest of guests) {
    void (async () => {
      for (;;) {
        await task(guest).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    })();
  }
}

const text = "x".repeat(4000);

/** Attacks by what sessions add. */
export const bySessions: readonly Attack[] = [
  {
    name: "2,000 sessions in grace",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      for (const { link } of await crowd(target, 2000)) link?.lose("rst");
    },
  },
  {
    name: "50 clients that do not read, and come back when they are closed",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      const guests = await crowd(target, 50);
      const talkers = await inParallel(5, 5, (n) =>
        Guest.enter(target.port, "attacker", `talker ${n}`, `room ${n}`),
      );
      forEver(guests, RETURN_MS, async (guest) => {
        guest.link?.pause();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await guest.back(0);
      });
      setInterval(() => {
        for (const [n, talker] of talkers.entries()) {
          talker.send({ event: "message", room: `room ${n}`, type: "say", data: text });
        }
      }, 25);
    },
  },
  {
    name: "50 clients that send all they can, and come back when they are closed",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      const guests = await crowd(target, 50);
      forEver(guests, PAUSE_MS, async (guest) => {
        for (let n = 0; n < 20; n++) guest.send({ event: "message", room: "room 0", type: "say", data: "" });
        if (await Promise.race([guest.request({ event: "ping" }), timeout()])) return;
        await guest.back();
      });
    },
  },
  {
    name: "50 clients that come back in a loop",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      forEver(await crowd(target, 50), RETURN_MS, (guest) => guest.back());
    },
  },
  {
    name: "20 clients that come back to a full history in a loop, having seen nothing",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      const guests = await crowd(target, 20);
      for (let n = 0; n < 200; n++) {
        guests[n % 20]?.send({ event: "message", room: `room ${n % 2}`, type: "say", data: text });
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      forEver(guests, RETURN_MS, (guest) => guest.back(0));
    },
  },
  {
    name: "50 connections that guess secrets",
    files,
    most: MOST,
    flags: RATE,
    async begin(target) {
      forEver(await crowd(target, 50), RETURN_MS, async (guest) => {
        guest.session = crypto.randomUUID().replaceAll("-", "");
        await guest.back();
        for (let n = 0; n < 50; n++) {
          const session = crypto.randomUUID().replaceAll("-", "");
          guest.send({ event: "reconnect", id: "guess", data: { session, seen: 0 } });
        }
      });
    },
  },
];

async function timeout(): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, 500));
}
