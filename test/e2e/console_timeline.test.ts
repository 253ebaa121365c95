/** What the console shows of the events of a room, run again on copies, from a real server. */
import { beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { makeFolder, runCommand, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const game = (step = "data") => `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ sum: 0, log: [] as string[] }),
  events: { join(room, user) { room.state.log.push(user.name + " " + Math.floor(Math.random() * 1e6)); } },
  messages: {
    add(room, user, data) {
      room.state.sum += ${step};
      room.broadcast("sum", { sum: room.state.sum });
      if (room.state.sum > 1000) throw new Error("too much");
      return room.state.sum;
    },
  },
});`;

onEachRuntime("the timeline of a room", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files: { "fx.ts": game() } });
    const ann = await server.user("fx", "ann", "hall");
    for (const data of [1, 20, 300]) await ann.ok({ event: "message", room: "hall", type: "add", data });
  });

  const room = "/api/applications/fx/rooms/hall";
  async function ask(method: string, path: string, body?: object) {
    const headers = { "content-type": "application/json" };
    const init = body ? { method, headers, body: JSON.stringify(body) } : { method };
    const response = await fetch(`${server.url}${path}`, init);
    const answer = await response.json();
    // biome-ignore lint/suspicious/noExplicitAny: JSON of this test's own server.
    return { status: response.status, answer: answer as any };
  }
  const liveState = async () => (await ask("GET", `${room}/state`)).answer.state;

  test("lists who did what, and runs nothing for it", async () => {
    const { answer } = await ask("GET", `${room}/timeline`);
    expect(answer).toMatchObject({ room: "hall", since: "start" });
    const told = answer.events.filter(({ kind }: { kind: string }) => kind !== "directory");
    expect(told.slice(-4)).toMatchObject([
      { kind: "join", user: { name: "ann" } },
      { kind: "message", type: "add", user: { name: "ann" }, data: 1, status: "ok" },
      { kind: "message", data: 20 },
      { kind: "message", data: 300 },
    ]);
    expect((await ask("GET", `${room}/timeline?limit=2`)).answer.events).toHaveLength(2);
    expect((await ask("GET", `${room}/timeline?limit=0`)).status).toBe(400);
    expect((await ask("GET", "/api/applications/fx/rooms/none/timeline")).status).toBe(404);
  });

  test("shows what each event came to, chance and all, and the state behind any of them", async () => {
    const { answer } = await ask("POST", `${room}/timeline`, {});
    const live = await liveState();
    expect(answer.state).toEqual(live);
    expect(answer.initial).toEqual({ sum: 0, log: [] });
    const [, join, first, second] = answer.events.slice(-5);
    expect(join.changes).toEqual([{ path: "$.log[0]", after: live.log[0] }]);
    expect(first).toMatchObject({
      data: 1,
      returned: 1,
      effects: [{ kind: "broadcast", type: "sum", data: { sum: 1 } }],
      effectCount: 1,
      changes: [{ path: "$.sum", before: 0, after: 1 }],
      changeCount: 1,
    });
    expect(first.cpu).toBeNumber();
    const behind = await ask("POST", `${room}/timeline/${second.seq}`);
    expect(behind.answer).toEqual({ seq: second.seq, state: { ...live, sum: 21 } });
    expect((await ask("POST", `${room}/timeline/99999`)).status).toBe(404);
    expect((await ask("POST", `${room}/timeline`, { steps: 2 })).answer).toMatchObject({
      initial: { sum: 1 },
      events: [{ changes: [{ before: 1, after: 21 }] }, { changes: [{ before: 21, after: 321 }] }],
    });
  });

  test("replays the events with edited code beside the code that runs; a failure there leaves no trace", async () => {
    const { status, answer } = await ask("POST", `${room}/replay`, { files: { "fx.ts": game("10 * data") } });
    expect(status).toBe(200);
    expect(answer.versions).toEqual([expect.stringMatching(/^v1·/), expect.stringMatching(/^edited·/)]);
    const [first, , last] = answer.events.slice(-3);
    expect(first).toMatchObject({
      before: { changes: [{ path: "$.sum", after: 1 }] },
      after: { changes: [{ path: "$.sum", after: 10 }], effects: [{ data: { sum: 10 } }] },
      differs: ["effects", "state"],
    });
    expect(last.after.failure).toMatchObject({
      message: expect.stringContaining("too much"),
      position: { file: "fx.ts", line: 10 },
    });
    expect(last).toMatchObject({
      after: { changes: [], effects: [] },
      differs: ["effects", "state", "failure"],
    });
    expect(answer.differences).toEqual([{ path: "$.sum", before: 321, after: 210 }]);
    expect((await liveState()).sum).toBe(321);
  });

  test("says where edited code is broken, and takes no files from elsewhere", async () => {
    const broken = await ask("POST", `${room}/replay`, { files: { "fx.ts": game(";") } });
    expect(broken).toMatchObject({ status: 422, answer: { error: { code: "build_failed" } } });
    expect(broken.answer.error.message).toContain("fx.ts:8:25");
    expect(broken.answer.error.data).toMatchObject({ position: { file: "fx.ts", line: 8, column: 25 } });
    for (const path of ["../fx.ts", "/etc/passwd.ts", "other.ts", "a\\b.ts"])
      expect((await ask("POST", `${room}/replay`, { files: { [path]: "" } })).status).toBe(422);
  });

  test("an edit is rehearsed before it is saved", async () => {
    const rehearse = (source: string) =>
      ask("POST", "/api/applications/fx/files/rehearse", { files: { "fx.ts": source } });
    expect((await rehearse(game("2 * data"))).answer).toMatchObject({ failed: 0, changed: 1 });
    expect((await rehearse(game("no.such"))).answer).toMatchObject({ failed: 1 });
    expect(await rehearse(game("+"))).toMatchObject({
      status: 422,
      answer: { error: { data: { position: { file: "fx.ts", line: 8 } } } },
    });
    expect((await liveState()).sum).toBe(321);
  });

  test("replays one thing at a time for an application, while its rooms go on; code that hangs is ended", async () => {
    const ann = await server.user("fx", "eve", "attic");
    await ann.ok({ event: "message", room: "attic", type: "add", data: 1 });
    const hanging = ask("POST", `${room}/replay`, { files: { "fx.ts": game("(() => { for (;;); })()") } });
    await until("that it is busy", async () => (await ask("POST", `${room}/timeline`, {})).status === 429);
    await ann.ok({ event: "message", room: "attic", type: "add", data: 1 });
    const { status, answer } = await hanging;
    expect(status).toBe(200);
    expect(answer.events.at(-1).after.failure.message).toContain("CPU");
    expect((await ask("POST", `${room}/timeline`, {})).status).toBe(200);
    ann.close();
  });

  test("becomes a test that passes, whatever chance and time, until the code does something else", async () => {
    const votes = (word: string) => `
      import { defineRoom, refuse } from "hotroom";
      export default defineRoom({
        state: () => ({ votes: {} as Record<string, string>, dice: [] as number[], at: 0, isOver: false }),
        events: { join(room) { room.schedule("end", 2_000); } },
        messages: {
          vote(room, user, choice: string) {
            if (choice === "mud") refuse("Not that.");
            room.state.votes[user.id] = ${word};
            room.state.dice.push(Math.random());
            room.state.at = Date.now();
            return { votes: Object.keys(room.state.votes).length };
          },
        },
        timers: { end(room) { room.state.isOver = true; } },
      });`;
    server.write("vote.ts", votes("choice"));
    const ann = await until("the application", () => server.user("vote", "ann", "lunch"));
    const bob = await server.user("vote", "bob", "lunch");
    const vote = { event: "message", room: "lunch", type: "vote" };
    await ann.ok({ ...vote, data: "soup" });
    await bob.ok({ ...vote, data: 'ca"ke\u2028' });
    await bob.request({ ...vote, data: "mud" });
    bob.send({ ...vote, data: "rice" });
    await until("the timer", async () => {
      const { answer } = await ask("GET", "/api/applications/vote/rooms/lunch/state");
      return answer.state.isOver;
    });
    const exported = await fetch(`${server.url}/api/applications/vote/rooms/lunch/export`, {
      method: "POST",
    });
    const text = await exported.text();
    expect(text).toContain('expect(await user1Here.request("vote", "soup")).toEqual({ votes: 1 });');
    expect(text).toContain('await expect(user2Here.request("vote", "mud")).toThrow();');
    expect(text).toContain('votes: { [user1.id]: "soup", [user2.id]: "rice" }');
    expect(text).not.toContain("dice");
    const folder = makeFolder({ "vote.ts": votes("choice"), "vote.test.ts": text });
    const run = () => runCommand(runtime, ["test", "vote", "--extensions", folder]);
    expect(run().output).toContain("1 passed, 0 failed");
    writeFileSync(`${folder}/vote.ts`, votes('"other"'));
    expect(run().output).toContain("0 passed, 1 failed");
    ann.close();
    bob.close();
  });
});
