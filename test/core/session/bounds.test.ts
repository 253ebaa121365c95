/** What is kept for who is away has an end. */
import { expect, test } from "bun:test";
import { Guest } from "../user/guest.ts";
import { Stage } from "./stage.ts";

const HISTORY = 200_000;

test("[P145] all histories together take no more than they may, whatever is said in however many rooms", async () => {
  const effects = [
    { kind: "broadcast" as const, type: "said", data: `"${"x".repeat(5000)}"`, except: undefined },
  ];
  const stage = new Stage({ rooms: "join" }, { history: HISTORY }, () => ({ effects }));
  const guests: Guest[] = [];
  for (let n = 0; n < 12; n++) guests.push(await Guest.enter(stage, `guest ${n}`, `room ${n % 6}`));
  let most = 0;
  for (let n = 0; n < 240; n++) {
    const guest = guests[n % 12] as Guest;
    await guest.ask({ event: "message", id: n, room: `room ${n % 6}`, type: "say" });
    most = Math.max(most, stage.histories.bytes);
  }
  expect(most).toBeGreaterThan(HISTORY / 2);
  expect(most).toBeLessThanOrEqual(HISTORY);
  // Whose rooms are cut is told so, and the others of the application have as much as they.
  expect(guests[0]?.back(1)[0].data.outcome).toBe("reset");
});

test("as many users of one address may be away as the settings say, and those of other addresses and of this machine don't count", async () => {
  const stage = new Stage({ rooms: "join", sessionsPerUser: 3 }, {});
  const [here, there] = ["203.0.113.7", "203.0.113.8"];
  const enter = (name: string, address?: string) => Guest.enter(stage, name, "hall", address);
  const gone = async (guest: Guest) => {
    guest.link.ended();
    await guest.served();
  };
  for (let n = 0; n < 5; n++) await gone(await enter(`local ${n}`));
  await gone(await enter("other", there));
  const guests: Guest[] = [];
  for (let n = 0; n < 5; n++) guests.push(await enter(`guest ${n}`, here));
  for (const guest of guests) await gone(guest);
  const names = [...stage.application.users.values()].map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("guest"))).toEqual(["guest 2", "guest 3", "guest 4"]);
  expect(names.filter((name) => !name.startsWith("guest"))).toHaveLength(6);
  expect(guests[0]?.back()[0].error.code).toBe("session_expired");
  expect(guests[4]?.back()[0].ok).toBe(true);
});
