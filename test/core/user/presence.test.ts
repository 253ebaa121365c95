/** Who is told that somebody is away, or back, where so many are lost at once that not all can be told at once. */
import { expect, test } from "bun:test";
import { Stage } from "../session/stage.ts";
import { type Frame, Guest } from "./guest.ts";

/** So many that to tell all of each is more than is sent in one turn of the loop. */
const MEMBERS = 110;

/** Returns who is in the hall by the reply to a resume. */
function usersOf([reply]: Frame[]): Frame[] {
  return reply.data.rooms[0].users;
}

test("[P134] who is away in a list comes back with an event, and who is not goes with one, also in a crowd", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const members: Guest[] = [];
  for (let n = 0; n < MEMBERS; n++) {
    members.push(await Guest.enter(stage, `member ${n}`, "hall"));
    stage.clock.advance(10);
    for (const member of members) member.take();
  }
  for (const { link } of members) link.ended();
  const [first, last] = [members[0] as Guest, members.at(-1) as Guest];
  const frames = first.back();
  const here = new Map(usersOf(frames).map(({ name, connected }) => [name, connected !== false]));
  expect(here.get(first.name)).toBe(true);
  last.back();
  stage.clock.advance(100);
  const events = [...frames, ...(await first.served())];
  for (const { event, user } of events) {
    if (event === "disconnect" || event === "reconnect") here.set(user.name, event === "reconnect");
  }
  const away = [...here].filter(([, isHere]) => !isHere).map(([name]) => name);
  expect(away.sort()).toEqual(
    members
      .slice(1, -1)
      .map(({ name }) => name)
      .sort(),
  );
});
