/** What sessions may take of a server: users who are away, memory of histories, resumes. */
import { expect, test } from "bun:test";
import { Player } from "./player.ts";
import { type Link, Stage } from "./stage.ts";

/** A stage on which everything that was asked for has happened. */
async function settle(stage: Stage): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    while (stage.waiting > 0) stage.answer();
    await stage.settled();
    stage.clock.advance(0);
  }
}

/** Logs a user in, by a link from an address. */
async function login(stage: Stage, name: string, address?: string): Promise<Link> {
  const link = stage.open(address);
  link.toServer.push(JSON.stringify({ event: "login", id: 1, data: { name } }));
  link.read();
  await stage.settled();
  return link;
}

const namesIn = ({ application }: Stage) => Array.from(application.users.values(), ({ name }) => name);

test("of those who came from one address so many may be away, and the first of them goes; a proxy's address has no bound", async () => {
  const stage = new Stage({ sessionsPerUser: 2 }, {});
  const addresses = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", undefined, undefined, undefined];
  for (const [n, address] of addresses.entries()) (await login(stage, `user ${n}`, address)).ended();
  await settle(stage);
  expect(namesIn(stage)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `user ${n}`));
  stage.clock.advance(30_000);
  await settle(stage);
  expect(namesIn(stage)).toEqual([]);
  expect(stage.application.sessions.absences.size).toBe(0);
});

test("who is here goes before who is away: a login over `maxUsers` ends the longest absence, and is refused where there is none", async () => {
  const stage = new Stage({ maxUsers: 2 }, {});
  const [ann, bob] = [await login(stage, "ann"), await login(stage, "bob")];
  ann.ended();
  bob.ended();
  const cat = await login(stage, "cat");
  await settle(stage);
  expect(namesIn(stage)).toEqual(["bob", "cat"]);
  const dan = await login(stage, "dan");
  await settle(stage);
  expect(namesIn(stage)).toEqual(["cat", "dan"]);
  const eve = await login(stage, "eve");
  await settle(stage);
  expect(JSON.parse(eve.toClient[0] ?? "")).toMatchObject({ error: { code: "too_many_users" } });
  for (const link of [cat, dan]) expect(JSON.parse(link.toClient[0] ?? "").ok).toBe(true);
});

test("all histories together stay within their memory, and those that take most are cut", async () => {
  const most = 100_000;
  const stage = new Stage({}, { history: most });
  const { application, histories } = stage;
  const [ann, bob] = [await login(stage, "ann"), await login(stage, "bob")];
  for (let n = 0; n < 2000; n++) {
    application.broadcast({ event: "message", type: "wide", data: JSON.stringify("x".repeat(n % 700)) });
    if (n % 50 === 0) application.userOf("bob")?.send({ event: "message", type: "rare", data: String(n) });
    expect(histories.bytes).toBeLessThanOrEqual(most);
  }
  expect(histories.bytes).toBeGreaterThan(most / 2);
  // What bob alone was sent takes little, and is whole.
  const { backlog } = application.userOf("bob") ?? {};
  expect(backlog?.lostAfter(0)).toEqual(new Set([null]));
  expect(backlog?.framesAfter(0, 1e9).frames.filter((frame) => String(frame).includes("rare"))).toHaveLength(
    40,
  );
  for (const link of [ann, bob]) link.ended(1000);
  await settle(stage);
  expect(histories.bytes).toBe(0);
});

test("what all have seen is not kept, at the next look", async () => {
  const stage = new Stage({}, {});
  const links = [await login(stage, "ann"), await login(stage, "bob")];
  for (let n = 0; n < 10; n++) stage.application.broadcast({ event: "message", type: "wide", data: "1" });
  const acknowledge = (link: Link | undefined, seen: number) => {
    link?.toServer.push(JSON.stringify({ event: "ping", seen }));
    link?.read();
  };
  acknowledge(links[0], 10);
  stage.clock.advance(10_000);
  expect(stage.histories.bytes).toBeGreaterThan(0);
  acknowledge(links[1], 9);
  stage.clock.advance(10_000);
  const one = stage.histories.bytes;
  acknowledge(links[1], 10);
  stage.clock.advance(10_000);
  expect([one > 0, stage.histories.bytes]).toEqual([true, 0]);
  expect(stage.clock.pending).toBe(0);
});

test("a session that is come back to again and again is refused for a while, and nothing is sent again", async () => {
  const stage = new Stage({}, {});
  const ann = new Player("ann", stage);
  ann.login();
  ann.serve(0);
  await stage.settled();
  ann.read();
  for (let time = 0; time < 30; time++) {
    ann.comeBack(0);
    ann.serve(0);
    ann.read();
  }
  expect(ann.resumes).toBe(20);
  stage.clock.advance(5000);
  ann.comeBack(0);
  ann.serve(0);
  ann.read();
  expect(ann.resumes).toBe(21);
});

test("thousands who lose their connections and come back leave the loop to others: nobody is told of who is back by then", async () => {
  const stage = new Stage({}, {});
  const names = Array.from({ length: 300 }, (_, n) => `user ${n}`);
  const links: Link[] = [];
  const secrets: string[] = [];
  for (const name of names) {
    const link = await login(stage, name);
    secrets.push(JSON.parse(link.toClient[0] ?? "").data.session);
    link.toServer.push(JSON.stringify({ event: "join", id: 2, room: "hall" }));
    link.read();
    await settle(stage);
    links.push(link);
  }
  const witness = links.pop();
  if (!witness) throw new Error("There is nobody.");
  witness.toClient.length = 0;
  for (const link of links) link.ended();
  const back = secrets.slice(0, -1).map((session) => {
    const link = stage.open();
    link.toServer.push(JSON.stringify({ event: "reconnect", id: 3, data: { session } }));
    link.read();
    return link;
  });
  await settle(stage);
  for (const link of back) expect(JSON.parse(link.toClient[0] ?? "").data.outcome).toBe("resumed");
  const told = witness.toClient.map((frame) => JSON.parse(frame).event);
  expect(told.filter((event) => event === "disconnect").length).toBe(
    told.filter((event) => event === "reconnect").length,
  );
  expect(application(stage).every(({ isLive, isShownConnected }) => isLive && isShownConnected)).toBe(true);
});

const application = ({ application: { users } }: Stage) => [...users.values()];

test("a login that can't be ends nobody's absence", async () => {
  const stage = new Stage({ maxUsers: 2 }, {});
  for (const name of ["ann", "bob"]) (await login(stage, name)).ended();
  // Both want one name, and the second is refused while the first waits for who goes.
  const [cat, other] = await Promise.all([login(stage, "cat"), login(stage, "cat")]);
  await settle(stage);
  const codes = [cat, other].map(({ toClient }) => JSON.parse(toClient[0] ?? "").error?.code);
  expect(codes).toEqual([undefined, "name_taken"]);
  expect(namesIn(stage)).toEqual(["bob", "cat"]);
});
