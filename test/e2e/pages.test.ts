/** The pages of applications, on a real server, with real files. */
import { beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeFolder, runCommand, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = `import { defineRoom } from "hotroom"; export default defineRoom({});`;
const files = {
  "game/rooms/match.ts": `
    import { defineRoom } from "hotroom";
    import { wins } from "../lib/rules.ts";
    export default defineRoom({ messages: { wins: (room, user, row: number[]) => wins(row) } });`,
  "game/lib/rules.ts": `import { ROW } from "./row.js"; export const wins = (row: number[]) => row.length >= ROW;`,
  "game/lib/row.ts": `export const ROW: number = 4;`,
  "game/lib/secret.ts": `export const secret = "unseen";`,
  "game/lib/words.json": `["a"]`,
  "game/public/index.html": `<!doctype html><script type="module" src="main.ts"></script>`,
  "game/public/main.ts": `
import { connect } from "/client.js";
import type match from "../rooms/match.ts";
import { wins } from "../lib/rules.ts";
const row: number[] = [1];
console.log(wins(row), connect, import("../lib/words.json", { with: { type: "json" } }));`,
  "game/public/plain.js": `import "./main.ts"; // as it is`,
  "game/public/help/index.html": "help",
  "game/public/help/a b.txt": "with a space",
  "game/public/.env": "SECRET=unseen",
  "game/public/.git/config": "unseen",
  "game/public/typo.ts": "let a: = 1;",
  "game/public/climbs.ts": `import match from "../rooms/match.ts";\nexport default match;`,
  "chat.ts": room,
  "chat.public/index.html": "<h1>chat</h1>",
  "site/public/index.html": "<h1>site</h1>",
  "gone.public/index.html": "nobody's",
  "silent.ts": room,
};

onEachRuntime("pages", (runtime) => {
  let server: TestServer;
  let folder: string;
  const large = Buffer.alloc(1_000_000, "0123456789");
  beforeAll(async () => {
    folder = makeFolder(files);
    const outside = makeFolder({ "secret.txt": "unseen" });
    const at = (path: string) => join(folder, "game/public", path);
    writeFileSync(at("large.bin"), large);
    symlinkSync(join(outside, "secret.txt"), at("out.txt"));
    symlinkSync(outside, at("out"));
    symlinkSync("../lib/words.json", at("words.json"));
    symlinkSync("loop", at("loop"));
    Bun.spawnSync(["mkfifo", at("pipe")]);
    server = await startServer({ runtime, extensions: folder });
  });

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}/apps${path}`, { redirect: "manual", ...init });
  const text = async (path: string) => (await get(path)).text();

  /** Asks with a path as it stands here, which no client would send. */
  const raw = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1");
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(answer));
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
    });

  test("a folder shows its index.html, and is asked for with a slash", async () => {
    const page = await get("/game/");
    expect(page.status).toBe(200);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
    });
    expect(await page.text()).toBe(files["game/public/index.html"]);
    expect(await text("/game/help/")).toBe("help");
    expect(await text("/game/help/a%20b.txt")).toBe("with a space");
    for (const [path, to] of [
      ["/game?a=1", "/apps/game/?a=1"],
      ["/game/help?b", "/apps/game/help/?b"],
      ["/silent", "/apps/silent/"],
    ]) {
      const { status, headers } = await get(path as string);
      expect([path, status, headers.get("location")]).toEqual([path, 307, to as string]);
    }
    for (const path of [
      "/nobody",
      "/nobody/",
      "/game/main.ts/",
      "/game/help/none",
      "/silent/",
      "/gone/",
      "/",
    ])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
  });

  test("an application in one file has its pages beside it, and a folder with pages alone is one", async () => {
    expect(await text("/chat/")).toBe("<h1>chat</h1>");
    expect(await text("/site/")).toBe("<h1>site</h1>");
    const ann = await server.user("site", "ann");
    expect(await ann.fails({ event: "create", room: "x" })).toMatchObject({ code: "not_allowed" });
    const { applications } = await (await fetch(`${server.url}/api/applications`)).json();
    const known = applications.map(({ name, status }: { name: string; status: string }) => [name, status]);
    expect(known).toContainEqual(["site", "running"]);
  });

  test("TypeScript comes as JavaScript, with imports of lib/ led to where they are served", async () => {
    const main = await get("/game/main.ts");
    expect(main.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    const code = await main.text();
    expect(code).toContain(`from "/apps/game/lib/rules.ts";\nconst row           = [1];`);
    expect(code).toContain(`import("/apps/game/lib/words.json", {`);
    expect(code).not.toContain("rooms/match");
    expect(await text("/game/lib/rules.ts")).toContain("export const wins = (row          ) =>");
    expect(await text("/game/plain.js")).toBe(files["game/public/plain.js"]);
  });

  test("of lib/ only what pages import is shown, and what that imports", async () => {
    expect(await text("/game/lib/row.js")).toContain("ROW");
    expect(await text("/game/lib/words.json")).toBe(`["a"]`);
    for (const path of ["secret.ts", "", "index.html", "gone.ts", "../rooms/match.ts"])
      expect([path, (await get(`/game/lib/${path}`)).status]).toEqual([path, 404]);
    server.write("game/public/new.ts", `import "../lib/secret.ts";`);
    expect(await text("/game/new.ts")).toContain("/apps/game/lib/secret.ts");
    // What was known of the folder holds for a moment.
    await until("the file to be shown", async () => (await get("/game/lib/secret.ts")).status === 200);
  });

  test("a module that can't be run says why in the browser, and in the log", async () => {
    expect(await text("/game/typo.ts")).toMatch(/^throw new SyntaxError\("public\/typo.ts:1:8: /);
    expect(await text("/game/climbs.ts")).toContain(
      `public/climbs.ts:1:19: Cannot import \\"../rooms/match.ts\\": pages are shown public/ and lib/ only.`,
    );
    await server.logged(/A page can't be run: public\/climbs.ts:1:19/);
  });

  describe("a browser that has it already", () => {
    test("is told so, until the file is another one", async () => {
      for (const path of ["/game/help/", "/game/main.ts"]) {
        const tag = (await get(path)).headers.get("etag") as string;
        expect(tag).toMatch(/^"[\w-]{22}"$/);
        for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
          const again = await get(path, { headers: { "if-none-match": known } });
          expect([known, again.status, await again.text()]).toEqual([known, 304, ""]);
          expect(again.headers.get("x-frame-options")).toBe("SAMEORIGIN");
        }
        const file = join(folder, "game/public", path === "/game/main.ts" ? "main.ts" : "help/index.html");
        appendFileSync(file, "\n");
        const changed = await get(path, { headers: { "if-none-match": tag } });
        expect([path, changed.status]).toEqual([path, 200]);
      }
    });

    test("gets the part that it asks for", async () => {
      const { headers } = await get("/game/large.bin", { method: "HEAD" });
      expect([headers.get("content-length"), headers.get("accept-ranges")]).toEqual(["1000000", "bytes"]);
      const tag = headers.get("etag") as string;
      const part = async (range: string, more: Record<string, string> = {}) => {
        const answer = await get("/game/large.bin", { headers: { range, ...more } });
        const body = Buffer.from(await answer.arrayBuffer());
        return {
          status: answer.status,
          length: body.length,
          range: answer.headers.get("content-range"),
          body,
        };
      };
      for (const [range, start, end] of [
        ["bytes=0-0", 0, 1],
        ["bytes=999990-", 999_990, 1_000_000],
        ["bytes=-10", 999_990, 1_000_000],
        ["bytes=3-2000000", 3, 1_000_000],
        ["bytes=-2000000", 0, 1_000_000],
      ] as const) {
        const got = await part(range);
        expect({ asked: range, ...got, body: undefined }).toEqual({
          asked: range,
          status: 206,
          length: end - start,
          range: `bytes ${start}-${end - 1}/1000000`,
          body: undefined,
        });
        expect(got.body.equals(large.subarray(start, end))).toBe(true);
      }
      for (const whole of ["bytes=5-1", "bytes=a-b", "bytes=-", "bytes=0-1,3-4", "lines=0-1"])
        expect([whole, (await part(whole)).status]).toEqual([whole, 200]);
      for (const none of ["bytes=1000000-", "bytes=-0"])
        expect([none, await part(none)]).toMatchObject([none, { status: 416, range: "bytes */1000000" }]);
      expect((await part("bytes=0-0", { "if-range": tag })).status).toBe(206);
      expect((await part("bytes=0-0", { "if-range": '"other"' })).status).toBe(200);
    });
  });

  test("a page takes GET and HEAD alone", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const answer = await get("/game/main.ts", { method });
      expect([method, answer.status, answer.headers.get("allow")]).toEqual([method, 405, "GET, HEAD"]);
    }
    const head = await get("/game/", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(Number(head.headers.get("content-length"))).toBe(files["game/public/index.html"].length);
  });

  test("nothing hidden is shown, and nothing outside of the folder, however it is asked for", async () => {
    const paths = [
      "/apps/game/.env",
      "/apps/game/%2eenv",
      "/apps/game/.git/config",
      "/apps/game/out.txt",
      "/apps/game/out/secret.txt",
      "/apps/game/loop",
      "/apps/game/pipe",
      "/apps/game/../rooms/match.ts",
      "/apps/game/help/../../rooms/match.ts",
      "/apps/game/%2e%2e/rooms/match.ts",
      "/apps/game/..%2frooms%2fmatch.ts",
      "/apps/game/help/..%2f..%2frooms/match.ts",
      "/apps/game/%252e%252e/rooms/match.ts",
      "/apps/game/..\\rooms\\match.ts",
      "/apps/game/..%5crooms%5cmatch.ts",
      "/apps/game/index.html%00",
      "/apps/game/index.html%00.js",
      "/apps/game/%ff",
      "/apps/game//index.html",
      "/apps/game/help//index.html",
      "/apps/game%2fpublic/index.html",
      "/apps/game%2f..%2fgame/index.html",
      "/apps/../apps/game/../../etc/passwd",
      "/apps/./game/.env",
      "/apps//game/index.html",
      "/apps/../extensions/",
      `/apps/game/${"a/".repeat(40)}`,
      `/apps/game/${"a".repeat(2000)}`,
      `/apps/game/${"é".repeat(200)}`,
    ];
    for (const path of paths) {
      const answer = await raw(path);
      expect([path, answer.slice(9, 12)]).toEqual([path, "404"]);
      expect(answer).not.toMatch(/unseen|defineRoom|root:/);
    }
    // Inside of the extensions folder a link is followed.
    expect(await text("/game/words.json")).toBe(`["a"]`);
  });

  test("a file is served as it is now, whole", async () => {
    const path = join(folder, "chat.public/index.html");
    for (const word of ["one", "two", "three"]) {
      writeFileSync(`${path}~`, word);
      renameSync(`${path}~`, path);
      expect(await text("/chat/")).toBe(word);
    }
    mkdirSync(join(folder, "late/public"), { recursive: true });
    writeFileSync(join(folder, "late/public/index.html"), "late");
    expect(await text("/late/")).toBe("late");
  });
});

test("check tells what is wrong with pages", () => {
  const folder = makeFolder({
    "good/public/main.ts": "export const a: number = 1;",
    "bad/rooms/match.ts": room,
    "bad/public/main.ts": `import "../lib/gone.ts";`,
    "bad/public/typo.ts": "let a: = 1;",
    "dead/public/main.ts": `import type { T } from "./types.ts";\nimport "./parts/there.js?v=1";\nimport "./nope.ts";\nexport const a: T = 1;`,
    "dead/public/parts/there.js": `import "../main.ts";\n  export * from "./gone.js"; import("../later.js");\nimport "/apps/dead/main.ts"; import "/apps/dead/away.js";`,
    "dead/public/parts/near.js": `import "./there"; import "./%74here.js"; import "./.hidden.js"; import "/elsewhere.js";`,
    "dead/public/parts/.hidden.js": "",
    "dead/public/index.html": `<!-- <script src="old.js"></script> --><script type="module" src="main.ts"></script>
<script src="https://example.com/a.js"></script><script src="/client.js"></script> <script defer src='./mian.ts?v=1'></script>
<script type=module src = "parts/absent.js"></script>`,
    "dead/public/based.html": `<base href="/elsewhere/"><script src="nowhere.js"></script>`,
    "made/public/index.html": `<script src="made.js"></script>`,
    "made/public/main.js": `import "./made.js";`,
    "made/app.ts": `import { defineApplication } from "hotroom"; export default defineApplication({ events: { request: () => "" } });`,
    "one.ts": room,
    "one.public/main.js": `import "./nope.js";`,
    "gone.public/index.html": "",
    "kept.ts": room,
    "kept.public/index.html": "",
    "named/lib/noise.ts": `import { noise } from "noise"; export { noise };`,
    "named/node_modules/noise/package.json": `{ "type": "module", "exports": "./noise.js" }`,
    "named/node_modules/noise/noise.js": "export const noise = 1;",
    "named/public/main.ts": `import "/client.js"; import "https://example.com/a.js"; import "../lib/noise.ts";`,
    "mapped/public/index.html": `<script type="importmap">{ "imports": { "noise": "/noise.js" } }</script>`,
    "mapped/public/main.ts": `import "noise";`,
  });
  const { status, output } = runCommand("bun", ["check", "--extensions", folder]);
  expect(output).toContain("good: ok (pages)");
  expect(output).toContain("bad: public/main.ts imports lib/gone.ts: there is no such file.");
  expect(output).toContain("bad: public/typo.ts:1:8: ");
  expect(output.match(/^.*: Cannot import.*/gm)).toEqual([
    'dead: public/main.ts:3:8: Cannot import "./nope.ts": there is no such file.',
    'dead: public/parts/near.js:1:8: Cannot import "./there": there is no such file.',
    'dead: public/parts/near.js:1:49: Cannot import "./.hidden.js": there is no such file.',
    'dead: public/parts/there.js:2:17: Cannot import "./gone.js": there is no such file.',
    'dead: public/parts/there.js:2:37: Cannot import "../later.js": there is no such file.',
    'dead: public/parts/there.js:3:37: Cannot import "/apps/dead/away.js": there is no such file.',
    'one: one.public/main.js:1:8: Cannot import "./nope.js": there is no such file.',
  ]);
  expect(output.match(/warning: .*/g)?.toSorted()).toEqual([
    "warning: gone.public/ is shown to nobody: there is no gone.ts, or gone/ has pages of its own.",
    'warning: lib/noise.ts:1:23: Browsers find "noise" by an import map only, and no page of the application has one.',
    'warning: public/index.html:2:103: There is no file "./mian.ts?v=1".',
    'warning: public/index.html:3:28: There is no file "parts/absent.js".',
  ]);
  expect(status).toBe(1);
});
