/** What a client can lean on the server with that comes back again and again. */
import { expect, test } from "bun:test";
import { takeOver } from "../../../src/core/user/come_back.ts";
import { Stage } from "../session/stage.ts";
import { Guest } from "./guest.ts";

/** What may be come back to at once, and so much of what was missed counts for one more; both are in PROTOCOL.md. */
const BURST = 20;
const CHARACTERS_A_TIME = 256 * 1024;

test("[P143] who comes and goes while the scripts hear of nothing has to wait, and can come back once they have", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const guest = await Guest.enter(stage, "ann", "hall");
  const before = stage.waiting;
  const replies = Array.from({ length: BURST }, () => guest.back()[0]);
  expect(replies.filter(({ ok }) => ok)).toHaveLength(4);
  expect(replies.at(-1).error.code).toBe("rate_limited");
  expect(stage.waiting - before).toBe(8);
  await guest.served();
  expect(guest.back()[0].ok).toBe(true);
});

test("[P143] who comes back to a full history over and over is sent no more of it than the rate allows", async () => {
  const pad = "x".repeat(10_000);
  const stage = new Stage({ rooms: "join", session: { historyBytes: 1024 * 1024 } }, {}, () => ({
    effects: [{ kind: "broadcast", type: "said", data: JSON.stringify(pad), except: undefined }],
  }));
  const guest = await Guest.enter(stage, "ann", "hall");
  for (let n = 0; n < 120; n++) await guest.ask({ event: "message", room: "hall", type: "say" });
  let characters = 0;
  let refused = 0;
  for (let n = 0; n < BURST; n++) {
    const frames = guest.back(0);
    characters += JSON.stringify(frames).length;
    if (frames[0].ok === false) refused++;
    await guest.served();
  }
  expect(characters).toBeGreaterThan(CHARACTERS_A_TIME);
  expect(characters).toBeLessThan(BURST * CHARACTERS_A_TIME + 1024 * 1024);
  expect(refused).toBeGreaterThan(BURST / 2);
  stage.clock.advance(11_000);
  expect(guest.back(0)[0].ok).toBe(true);
});

test("[P137] of those who come back at once to a full history some are sent it in each turn of the loop, all in the end", async () => {
  const pad = "x".repeat(4000);
  const stage = new Stage({ rooms: "join" }, {}, () => ({
    effects: [{ kind: "broadcast", type: "said", data: JSON.stringify(pad), except: undefined }],
  }));
  const guests: Guest[] = [];
  for (let n = 0; n < 30; n++) guests.push(await Guest.enter(stage, `guest ${n}`, "hall"));
  const [first] = guests as [Guest];
  for (let n = 0; n < 60; n++) await first.ask({ event: "message", room: "hall", type: "say" });
  const isMissed = ({ event }: { event?: string }) => event === "message";
  const sent = guests.map((guest) => guest.back(0).filter(isMissed).length);
  expect(sent.filter((count) => count === 60).length).toBeWithin(1, 20);
  expect(sent.at(-1)).toBe(0);
  for (let turn = 0; turn < 30; turn++) {
    stage.clock.advance(0);
    await stage.settled();
  }
  const late = guests.map((guest) => guest.take().filter(isMissed).length);
  expect(sent.map((count, n) => count + (late[n] ?? 0))).toEqual(guests.map(() => 60));
});

test("[P144] a join that the client before still waits for is told to who has taken over; a watcher it does not become", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  await Guest.enter(stage, "bob", "lobby");
  const ann = await Guest.enter(stage, "ann", "hall");
  const { application } = stage;
  const user = application.names.of("ann");
  if (!user) throw new Error("Ann is not there.");
  for (const event of ["join", "subscribe"] as const) {
    ann.link.toServer.push(JSON.stringify({ event, id: "old", room: "lobby" }));
    ann.link.read();
    await stage.settled();
    expect(stage.waiting).toBe(1);
    ann.link = stage.open();
    const connection = [...application.connections].at(-1);
    if (!connection) throw new Error("There is no connection.");
    takeOver(application, connection, user, { event: "login", id: "take" });
    const [reply] = ann.take();
    const rooms = reply.data.rooms.map(({ room }: { room: string }) => room);
    expect(rooms).toEqual(event === "join" ? ["hall"] : ["hall", "lobby"]);
    const events = await ann.served();
    expect(events.filter((frame) => frame.id === "old")).toEqual([]);
    expect(events.map((frame) => [frame.event, frame.room])).toEqual(
      event === "join" ? [["joined", "lobby"]] : [],
    );
    expect(Array.from(user.rooms, ({ name }) => name)).toEqual(["hall", "lobby"]);
    expect([...user.watched]).toEqual([]);
  }
});
