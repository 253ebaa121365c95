/** Applications are what is in the folder, now; one can't hurt another. */
import { beforeAll, expect, test } from "bun:test";
import { closeCodes } from "../../src/protocol/codes.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const hello = (word: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({ messages: { hello: () => "${word}" } });`;

const files = {
  "good.ts": hello("good"),
  "plain.js": `import { defineRoom } from "hotroom"; export default defineRoom({ messages: { hello: () => "js" } });`,
  "folder/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({ events: { init(app) { app.createRoom("hall", { type: "hall", keep: true }); } } });`,
  "folder/rooms/hall.ts": hello("folder"),
  "syntax.ts": "export default {\n  this is no code\n};",
  "shape.ts": "export default { messages: 7 };",
  "nothing.ts": "export const a = 1;",
  "settings/hotroom.json": `{ "rooms": "everybody" }`,
  "settings/rooms/hall.ts": hello("settings"),
  "trailing/hotroom.json": `{ "rooms": "join", }`,
  "trailing/rooms/hall.ts": hello("trailing"),
  "leaving.ts": hello("leaving"),
  "leaving2/rooms/hall.ts": hello("leaving"),
};

onEachRuntime("applications", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  test("a file, a JavaScript file and a folder are each an application", async () => {
    expect(await (await server.user("good", "ann", "hall")).ask("hall", "hello")).toBe("good");
    expect(await (await server.user("plain", "ann", "hall")).ask("hall", "hello")).toBe("js");
    expect(await (await server.user("folder", "ann", "hall")).ask("hall", "hello")).toBe("folder");
  });

  test("the start-up output names the address, the applications with their versions, and the script hosts", async () => {
    const output = server.output();
    expect(output).toContain(`listening on ${server.url}`);
    for (const name of ["good", "plain", "folder"])
      expect(output).toMatch(new RegExp(`${name}.* v1·[0-9a-f]{6}`));
    // A spare that has started since has no part in it.
    const pids = server.hostPids().filter((pid) => output.includes(`has pid ${pid}`));
    expect(pids).toHaveLength(1);
  });

  test("[P1] one that can't be loaded says where and why, and the others run", async () => {
    const output = server.output();
    expect(output).toMatch(/syntax\.ts:2:\d+/);
    expect(output).toContain("2 |   this is no code");
    expect(output).toMatch(/shape\.ts.*must be defineRoom/);
    expect(output).toMatch(/nothing\.ts.*default export/);
    for (const name of ["syntax", "shape", "nothing", "settings", "trailing"]) {
      expect(await server.upgradeStatus(`/ws/${name}`)).toBe(503);
    }
  });

  test("an error in hotroom.json names the file and the key, or the line", async () => {
    expect(server.output()).toMatch(/settings.*hotroom\.json.*rooms/s);
    expect(server.output()).toMatch(/trailing.*hotroom\.json:1:\d+/s);
  });

  test("[P1] an upgrade to an application that does not exist is answered with 404", async () => {
    expect(await server.upgradeStatus("/ws/good")).toBe(101);
    for (const path of ["/ws/nobody", "/ws/", "/ws/__proto__", "/ws/good/more", "/ws/%ff"]) {
      expect(await server.upgradeStatus(path)).toBe(404);
    }
  });

  test("a broken application that is mended starts", async () => {
    server.write("syntax.ts", hello("mended"));
    const client = await until("the application to start", () => server.user("syntax", "ann", "hall"));
    expect(await client.ask("hall", "hello")).toBe("mended");
  });

  test("a new file or folder is a new application, while others' connections go on", async () => {
    const good = await server.user("good", "bob", "hall");
    server.write("added.ts", hello("added"));
    server.write("added2/hotroom.json", `{ "rooms": "join" }`);
    server.write("added2/rooms/hall.ts", hello("added2"));
    for (const name of ["added", "added2"]) {
      const client = await until(`${name} to start`, () => server.user(name, "ann", "hall"));
      expect(await client.ask("hall", "hello")).toBe(name);
    }
    expect(await good.ask("hall", "hello")).toBe("good");
  });

  test.each([
    ["leaving.ts", "leaving"],
    ["leaving2", "leaving2"],
  ])("removing %s closes its connections with a code that says why", async (path, name) => {
    const good = await server.user("good", `stays ${name}`, "hall");
    const client =
      name === "leaving" ? await server.user(name, "ann", "hall") : await server.user(name, "ann");
    server.remove(path);
    expect((await client.closed).code).toBe(closeCodes.application_removed.code);
    expect(await server.upgradeStatus(`/ws/${name}`)).toBe(404);
    expect(await good.ask("hall", "hello")).toBe("good");
    // It comes back as an application like any other.
    server.write(path.endsWith(".ts") ? path : `${path}/rooms/hall.ts`, hello("back"));
    await until("it to be back", async () => (await server.upgradeStatus(`/ws/${name}`)) === 101);
  });

  test("[P3] users of one application see nothing of another's, though names are the same", async () => {
    const [one, other] = [
      await server.user("good", "same name", "same"),
      await server.user("plain", "same name", "same"),
    ];
    const third = await server.user("plain", "third", "same");
    await other.next((frame) => frame.event === "join" && frame.user.name === "third");
    await one.settle();
    expect(one.frames((frame) => frame.event === "join")).toEqual([]);
    third.close();
  });
});
