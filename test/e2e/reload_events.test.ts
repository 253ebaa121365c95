/** What a version hears when it takes over: `reload`, before anything else. */
import { expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { runCommand, startServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";
import { apiOf } from "./versioned.ts";

/** What a definition keeps of what it has heard, in the version `named`; `reload` is what its handler does besides. */
const keeps = (named: string, reload?: string) => `
  state: () => ({ heard: [] as unknown[] }),
  events: {
    init: (it) => { it.state.heard.push("init"); },
    ${
      reload === undefined
        ? ""
        : `reload(it, { from }) { it.state.heard.push(["reload", "${named}", from === it.version ? "itself" : from.split("·")[0]]); ${reload} },`
    }
  },
  messages: {
    heard: (it) => it.state.heard,
    say(it, user, n) { it.state.heard.push([n, "${named}"]); return "${named}"; },
  },
  timers: { later(it) { it.state.heard.push("later"); } },`;
const room = (named: string, reload?: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({ ${keeps(named, reload)} });`;
const app = (named: string, reload?: string) => `
  import { defineApplication } from "hotroom";
  export default defineApplication({ ${keeps(named, reload)} });`;
const settings = `{ "rooms": "join" }`;

onEachRuntime("reload events", (runtime) => {
  const start = (files: Record<string, string>) =>
    startServer({ runtime, files, args: ["--inbound-rate", "0", "--hosts", "1"] });

  test("rooms and the application hear reload once, first of all, and what it asks for happens", async () => {
    const server = await start({
      "fx/hotroom.json": settings,
      "fx/app.ts": app("one"),
      "fx/rooms/hall.ts": room("one", ""),
    });
    const ann = await server.user("fx", "ann", "hall");
    server.write("fx/app.ts", app("two", `it.broadcast("now", it.version);`));
    server.write(
      "fx/rooms/hall.ts",
      room("two", `it.broadcast("now", it.version); it.schedule("later", 1);`),
    );
    const said: Promise<string>[] = [];
    for (let n = 0; n < 400 && !server.output().includes("Version live: 1 room moved"); n++) {
      said.push(ann.ask("hall", "say", n));
      await said.at(-1);
    }
    await server.logged(/fx v\d·\w+ Version live: 1 room moved/);
    said.push(ann.ask("hall", "say", "last"));
    const versions = await Promise.all(said);
    const first = versions.indexOf("two");
    const heard = await until("the timer", async () => {
      const list = await ann.ask("hall", "heard");
      return list.includes("later") ? list : undefined;
    });
    expect(heard.filter((each: unknown) => each !== "later")).toEqual([
      "init",
      ...versions.slice(0, first).map((_, n) => [n, "one"]),
      ["reload", "two", "v1"],
      ...versions.slice(first, -1).map((_, n) => [first + n, "two"]),
      ["last", "two"],
    ]);
    expect(await ann.ask(undefined, "heard")).toEqual(["init", ["reload", "two", "v1"]]);
    await ann.settle();
    expect(ann.messages("now")).toEqual([expect.stringMatching(/^v2·/), expect.stringMatching(/^v2·/)]);
    // A room that is made now, and one whose host was killed, have not been reloaded.
    await ann.ok({ event: "join", room: "new" });
    expect(await ann.ask("new", "heard")).toEqual(["init"]);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    expect(await ann.ask("hall", "heard")).toEqual(heard);
    await server.kill();
  });

  test("a reload that fails is a first event that fails: nothing of it is left, and the version before goes on", async () => {
    const server = await start({ "game.ts": room("one") });
    const users: TestClient[] = [];
    for (let n = 0; n < 12; n++) users.push(await server.user("game", `u${n}`, `room ${n}`));
    const [ann, bob] = users as [TestClient, TestClient];
    server.write("game.ts", room("two", `if (it.name === "room 0") throw new Error("boom");`));
    await server.logged(
      /game\/room 0 v2·\w+ Rolled back to v1·\w+: its first event in v2·\w+ failed: reload: .*boom \(game\.ts:\d+:\d+\)/,
    );
    expect(await ann.ask("room 0", "say", 1)).toBe("one");
    expect(await ann.ask("room 0", "heard")).toEqual(["init", [1, "one"]]);
    expect(await bob.ask("room 1", "say", 1)).toBe("two");
    // The next edit is one from the version that each has.
    server.write("game.ts", room("three", ""));
    await server.logged(/game v3·\w+ Version live: 12 rooms moved/);
    expect(await ann.ask("room 0", "heard")).toEqual(["init", [1, "one"], ["reload", "three", "v1"]]);
    expect((await bob.ask("room 1", "heard")).slice(1)).toEqual([
      ["reload", "two", "v1"],
      [1, "two"],
      ["reload", "three", "v2"],
    ]);
    // In many it takes the version back from all.
    server.write("game.ts", room("four", `throw new Error("bang");`));
    await server.logged(
      /game v4·\w+ v3·\w+ keeps running: The version was rolled back, and its content is quarantined/,
    );
    for (const [n, user] of users.entries()) expect(await user.ask(`room ${n}`, "say", 2)).toBe("three");
    expect((await bob.ask("room 1", "heard")).slice(1)).toEqual([
      ["reload", "two", "v1"],
      [1, "two"],
      ["reload", "three", "v2"],
      [2, "three"],
    ]);
    await server.kill();
  });

  test("an application whose reload fails goes back with all of its rooms", async () => {
    const server = await start({
      "fx/hotroom.json": settings,
      "fx/app.ts": app("one"),
      "fx/rooms/hall.ts": room("one"),
    });
    const ann = await server.user("fx", "ann", "hall");
    server.write("fx/app.ts", app("two", `throw new Error("boom");`));
    await server.logged(
      /fx v2·\w+ v1·\w+ keeps running: The version was rolled back.*the extension: reload: .*boom/,
    );
    expect(await ann.ask(undefined, "say", 1)).toBe("one");
    expect(await ann.ask(undefined, "heard")).toEqual(["init", [1, "one"]]);
    const { versions } = await apiOf(server).get("fx/versions");
    expect(versions.find(({ live }: Frame) => live)).toMatchObject({ why: "rolled_back", roomCount: 1 });
    await server.kill();
  });

  test("a reload that succeeds does not save a version whose first message fails", async () => {
    const server = await start({ "game.ts": room("one") });
    const ann = await server.user("game", "ann", "hall");
    server.write(
      "game.ts",
      room("two", "").replace("say(it, user, n) {", `say(it, user, n) { throw new Error("boom");`),
    );
    await server.logged(/game v2·\w+ Version live: 1 room moved/);
    expect(await ann.ask("hall", "say", 1)).toBe("one");
    expect(await ann.ask("hall", "heard")).toEqual(["init", [1, "one"]]);
    await server.kill();
  });

  test("a version that is gone back to hears reload where the state comes along, and not where it gets its own back", async () => {
    const server = await start({ "game.ts": room("one", "") });
    const ann = await server.user("game", "ann", "hall");
    await ann.ask("hall", "say", 1);
    server.write("game.ts", room("two", ""));
    await server.logged(/game v2·\w+ Version live: 1 room moved/);
    await ann.ask("hall", "say", 2);
    const rollBack = (version: string) =>
      expect(runCommand(runtime, ["rollback", "game", version, "--url", server.url]).status).toBe(0);
    rollBack("v1");
    const after = ["init", [1, "one"], [2, "one"]];
    expect(await ann.ask("hall", "heard")).toEqual(after);
    // It never came from that version, so it takes its state along.
    rollBack("v2");
    expect(await ann.ask("hall", "heard")).toEqual([...after, ["reload", "two", "v1"]]);
    await server.kill();
  });

  test("a room that moves through two versions at once hears one reload, of the version that it has lived in", async () => {
    const server = await start({ "game.ts": room("one") });
    const ann = await server.user("game", "ann", "hall");
    server.write("game.ts", room("two", `for (let n = 0; n < 3e4; n++);`));
    await server.logged(/game v2·\w+ Version live: 1 room moved/);
    server.write("game.ts", room("three", ""));
    await server.logged(/game v3·\w+ Version live: 1 room moved/);
    const heard = await ann.ask("hall", "heard");
    const [, ...reloads] = heard;
    // Where the edit came before the room had heard of the version between, that one is left out.
    const both = [
      ["reload", "two", "v1"],
      ["reload", "three", "v2"],
    ];
    expect([both, [["reload", "three", "v1"]]]).toContainEqual(reloads);
    await server.kill();
  });

  test("each reload is heard once, by the version that goes on from the one heard before, whatever is killed meanwhile", async () => {
    const server = await start({ "game.ts": room("v1", "") });
    const users: TestClient[] = [];
    for (let n = 0; n < 12; n++) users.push(await server.user("game", `u${n}`, `room ${n}`));
    for (let edit = 2; edit <= 4; edit++) {
      server.write("game.ts", room(`v${edit}`, ""));
      const said = users.map((user, n) => user.ask(`room ${n}`, "say", edit));
      // Somewhere between the snapshots of some and the reload of others.
      if (edit % 2 === 0) await server.logged(new RegExp(`game v${edit}·\\w+ Version live`));
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      await Promise.all(said);
      await server.logged(new RegExp(`game v${edit}·\\w+ Version live: 12 rooms moved`));
    }
    for (const [n, user] of users.entries()) {
      const heard: unknown[][] = await user.ask(`room ${n}`, "heard");
      const reloads = heard.filter(([what]) => what === "reload");
      const named = ["v1", ...reloads.map(([, version]) => version)];
      expect(reloads.map(([, , from]) => from)).toEqual(named.slice(0, -1));
      expect(named.at(-1)).toBe("v4");
      const said = heard.map(([what]) => what).filter((what) => typeof what === "number");
      expect(said).toEqual([2, 3, 4]);
    }
    await server.kill();
  });

  test("a rehearsal tries reload, and an edit that fails there does not go live", async () => {
    const server = await start({
      "fx/hotroom.json": `{ "rooms": "join", "rehearse": true }`,
      "fx/rooms/hall.ts": room("one", ""),
    });
    const ann = await server.user("fx", "ann", "hall");
    server.write("fx/rooms/hall.ts", room("two", `throw new Error("boom");`));
    await server.logged(/v1·\w+ keeps running: The rehearsal failed: hall: reload: .*boom/);
    server.write("fx/rooms/hall.ts", room("three", ""));
    await server.logged(/fx v3·\w+ Version live: 1 room moved/);
    server.write("fx/rooms/hall.ts", room("four", ""));
    await server.logged(/fx v4·\w+ Version live: 1 room moved/);
    expect(await ann.ask("hall", "heard")).toEqual([
      "init",
      ["reload", "three", "v1"],
      ["reload", "four", "v3"],
    ]);
    const { rehearsal } = (await apiOf(server).get("fx/versions")) as Frame;
    expect(rehearsal).toMatchObject({ tried: 1, failed: 0 });
    await server.kill();
  });
});
