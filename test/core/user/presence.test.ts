/** Who is told that somebody is away, or back, where so many are lost at once that not all can be told at once. */
import { expect, test } from "bun:test";
import { type Link, Stage } from "../session/stage.ts";

/** So many that to tell all of each is more than is sent in one turn of the loop. */
const MEMBERS = 110;

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
type Frame = any;

interface Member {
  link: Link;
  session: string;
  readonly name: string;
}

/** Serves what a link has sent, with the scripts' answers, and returns what the client gets. */
async function served(stage: Stage, link: Link): Promise<Frame[]> {
  while (link.read() !== undefined);
  do {
    await stage.settled();
    stage.answer();
  } while (stage.waiting > 0);
  await stage.settled();
  return link.toClient.splice(0).map((text) => JSON.parse(text));
}

async function enter(stage: Stage, name: string): Promise<Member> {
  const link = stage.open();
  link.toServer.push(JSON.stringify({ event: "login", id: "login", data: { name } }));
  const [{ data }] = await served(stage, link);
  link.toServer.push(JSON.stringify({ event: "join", id: "join", room: "hall" }));
  await served(stage, link);
  return { link, name, session: data.session };
}

/** Returns the list of the hall, as the reply to a resume has it, and what comes behind. */
async function back(stage: Stage, member: Member): Promise<{ users: Frame[]; behind: Frame[] }> {
  member.link = stage.open();
  const data = { session: member.session };
  member.link.toServer.push(JSON.stringify({ event: "reconnect", id: "back", data }));
  const [reply, ...behind] = await served(stage, member.link);
  member.session = reply.data.session;
  return { users: reply.data.rooms[0].users, behind };
}

test("[P134] who is away in a list comes back with an event, and who is not goes with one, also in a crowd", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const members: Member[] = [];
  for (let n = 0; n < MEMBERS; n++) {
    members.push(await enter(stage, `member ${n}`));
    stage.clock.advance(10);
    for (const { link } of members) link.toClient.length = 0;
  }
  for (const { link } of members) link.ended();
  const [first, last] = [members[0] as Member, members.at(-1) as Member];
  const { users, behind } = await back(stage, first);
  const here = new Map(users.map(({ name, connected }) => [name, connected !== false]));
  expect(here.get(first.name)).toBe(true);
  await back(stage, last);
  stage.clock.advance(100);
  const events = [...behind, ...(await served(stage, first.link))];
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
