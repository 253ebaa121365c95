/** What the console's editor reads, writes and tries, on a real server and real files. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const say = (word: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { say() { return ${word}; } } });`;

onEachRuntime("the files of an application", (runtime) => {
  let server: TestServer;
  const elsewhere = makeFolder({ "secret.ts": "secret" });
  beforeAll(async () => {
    const files = {
      "fx/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({ events: { init(app) { app.createRoom("hall", { keep: true }); } } });`,
      "fx/rooms/talk.ts": say('"one"'),
      "fx/.env": "SECRET=1",
      "fx/public/index.html": "<title>fx</title>",
      "fx/node_modules/pack/index.js": "",
      "one.ts": say("1"),
      "one.test.ts": "",
      "other.ts": say("2"),
    };
    server = await startServer({ runtime, files });
  });

  const api = "/api/applications";
  async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const init = {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
    };
    const response = await fetch(`${server.url}${api}/${path}`, init);
    return { status: response.status, etag: response.headers.get("etag") ?? "", text: await response.text() };
  }
  const file = (path: string) => `fx/file?path=${encodeURIComponent(path)}`;

  test("are listed and read: text, and nothing that is hidden, a package, a link", async () => {
    const paths = async (name: string) =>
      JSON.parse((await ask("GET", `${name}/files`)).text).files.map(({ path }: { path: string }) => path);
    expect(await paths("fx")).toEqual(["app.ts", "public/index.html", "rooms/talk.ts"]);
    expect(await paths("one")).toEqual(["one.test.ts", "one.ts"]);
    const { status, text, etag } = await ask("GET", file("rooms/talk.ts"));
    expect([status, text]).toEqual([200, say('"one"')]);
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect((await ask("GET", "one/file?path=one.ts")).status).toBe(200);
    expect((await ask("GET", file("rooms/none.ts"))).status).toBe(404);
    for (const name of ["none", "..", "%2e%2e%2fx"])
      expect((await ask("GET", `${name}/files`)).status).toBe(404);
  });

  test("are written at once by who has read them; an edit is live, and nobody overwrites unseen", async () => {
    const ann = await server.user("fx", "ann", "hall");
    const said = async () => (await ann.ok({ event: "message", room: "hall", type: "say" })) as unknown;
    const { etag } = await ask("GET", file("rooms/talk.ts"));
    expect((await ask("PUT", file("rooms/talk.ts"), { text: "" })).status).toBe(428);
    const written = await ask("PUT", file("rooms/talk.ts"), { text: say('"two"') }, { "if-match": etag });
    expect(written.status).toBe(200);
    await until("the edit", async () => (await said()) === "two");
    const again = await ask("PUT", file("rooms/talk.ts"), { text: "" }, { "if-match": etag });
    expect([again.status, again.etag]).toEqual([412, written.etag]);
    const isNew = { "if-none-match": "*" };
    expect((await ask("PUT", file("rooms/talk.ts"), { text: "" }, isNew)).status).toBe(412);
    expect((await ask("PUT", file("lib/deep/rules.ts"), { text: "// new" }, isNew)).status).toBe(200);
    expect(readFileSync(join(server.folder, "fx/lib/deep/rules.ts"), "utf8")).toBe("// new");
    const races = [1, 2, 3, 4].map((n) => ask("PUT", file("lib/race.ts"), { text: `// ${n}` }, isNew));
    expect((await Promise.all(races)).map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    expect(readdirSync(join(server.folder, "fx/lib")).sort()).toEqual(["deep", "race.ts"]);
    ann.close();
  });

  test("have no way out, and no other names than files have", async () => {
    mkdirSync(join(server.folder, "fx/folder.ts"));
    symlinkSync(join(elsewhere, "secret.ts"), join(server.folder, "fx/link.ts"));
    symlinkSync(elsewhere, join(server.folder, "fx/linked"));
    const isNew = { "if-none-match": "*" };
    const paths = [
      "../other.ts",
      "rooms/../../other.ts",
      "/etc/passwd.ts",
      "link.ts",
      "linked/secret.ts",
      "linked/new/file.ts",
      ".env",
      ".hidden.ts",
      "node_modules/pack/index.js",
      "folder.ts",
      "a\\b.ts",
      "a\u0000.ts",
      "program.exe",
      "rooms//talk.ts",
      `${"a/".repeat(20)}b.ts`,
      "",
    ];
    for (const path of paths) {
      expect([path, (await ask("GET", file(path))).status]).toEqual([path, 403]);
      expect([path, (await ask("PUT", file(path), { text: "x" }, isNew)).status]).toEqual([path, 403]);
    }
    expect(readFileSync(join(elsewhere, "secret.ts"), "utf8")).toBe("secret");
    expect(existsSync(join(elsewhere, "new"))).toBe(false);
    expect((await ask("GET", "one/file?path=other.ts")).status).toBe(403);
    writeFileSync(join(server.folder, "fx/public/large.txt"), "x".repeat(1024 * 1024 + 1));
    expect((await ask("GET", file("public/large.txt"))).status).toBe(413);
    for (const link of ["link.ts", "linked", "folder.ts"]) server.remove(`fx/${link}`);
    const large = { text: "x".repeat(1024 * 1024 + 1) };
    expect((await ask("PUT", file("lib/large.ts"), large, isNew)).status).toBe(413);
  });

  test("are rehearsed before they are saved", async () => {
    const rehearse = (source: string) =>
      ask("POST", "fx/files/rehearse", { files: { "rooms/talk.ts": source } });
    const fine = await rehearse(say('"three"'));
    expect(JSON.parse(fine.text)).toMatchObject({ tried: 2, failed: 0 });
    const broken = await rehearse(say("+;"));
    expect(broken.status).toBe(422);
    expect(JSON.parse(broken.text).error.data.position).toMatchObject({ file: "rooms/talk.ts", line: 3 });
    const refusing = say("1").replace("defineRoom({", "defineRoom({ migrate() { throw new Error('no'); },");
    expect(JSON.parse((await rehearse(refusing)).text)).toMatchObject({ failed: 1 });
    expect(readFileSync(join(server.folder, "fx/rooms/talk.ts"), "utf8")).toContain('"two"');
  });
});
