/** What the documents show runs, and comes to what they say. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeTypes } from "../../src/source/editor/editor_types.ts";
import type { TestClient } from "../e2e/client.ts";
import { makeFolder, runCommand, startServer, stopAll, type TestServer, until } from "../e2e/harness.ts";
import { killTree } from "../bench/kill_tree.ts";
import { CUT, conversationOf, exchangesOf, extensionsOf, isAsShown, KILLED, snippetsOf } from "./snippets.ts";

const root = join(import.meta.dir, "../..");
setDefaultTimeout(60_000);
afterAll(stopAll);

describe.each([
  "README.md",
  "docs/EXTENSIONS.md",
  "docs/PROTOCOL.md",
  "docs/CLIENT.md",
  "docs/SECURITY.md",
  "docs/COMING-FROM.md",
])("%s", (document) => {
  const snippets = snippetsOf(document);
  const files = extensionsOf(snippets);
  const applications = [
    ...new Set(Object.keys(files).map((path) => path.split("/")[0]?.replace(/\.ts$/, ""))),
  ].filter((name) => name !== "node_modules");
  const [extensions, data] = [makeFolder(files), makeFolder()];
  const start = () => startServer({ runtime: "bun", extensions, args: ["--data", data] });
  let server: TestServer;

  beforeAll(async () => {
    server = await start();
  });

  async function killed() {
    await killTree(server.pid);
    await server.kill();
    server = await start();
  }

  test("every extension that it shows loads", async () => {
    expect(applications.length).toBeGreaterThan(0);
    const started = await server.logged(/applications in/);
    for (const application of applications) expect(started).toMatch(new RegExp(`${application} v1·`));
    expect(server.output()).not.toMatch(/ (WARN|ERROR) /);
    expect(runCommand("bun", ["check", "--extensions", server.folder])).toMatchObject({ status: 0 });
  });

  test("every extension that it shows type-checks in an editor's eyes", async () => {
    const folder = makeFolder(files);
    await writeTypes(folder);
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const result = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    expect(result.stdout).toBe("");
    expect(result.status).toBe(0);
    rmSync(folder, { recursive: true });
  });

  /** Waits until nobody is logged in any more, so that a conversation may use the names of the one before. */
  async function everybodyGone() {
    await until("everybody to be gone", async () => {
      const { applications } = await (await fetch(`${server.url}/api/applications`)).json();
      return applications.every(({ userCount }: { userCount: number }) => userCount === 0);
    });
  }

  /** A frame with the session, and the number of the last frame, of a connection that was lost. */
  function resumed(frame: string, lost: TestClient | undefined): string {
    const session = lost?.frames(({ data }) => data?.session).at(-1)?.data.session;
    const seen = Math.max(0, ...(lost?.frames().map(({ seq }) => seq ?? 0) ?? []));
    return frame.replace(/"session":"…","seen":\d+/, `"session":"${session}","seen":${seen}`);
  }

  const asked = snippets.filter(({ language }) => language === "http").flatMap(exchangesOf);
  const exchange = asked.length > 0 ? test : () => {};
  exchange("what it shows of HTTP takes place, in its order", async () => {
    for (const { method, path, body, status, answer } of asked) {
      const response = await fetch(server.url + path, { method, ...(body && { body }) });
      expect([response.status, await response.text()]).toEqual([status, answer]);
    }
  });

  const conversations = snippets.filter(({ language }) => language === "wire");
  test.each(conversations.map((snippet) => [`${snippet.name}, line ${snippet.line}`, snippet] as const))(
    "the conversation with %s takes place, in its order",
    async (_, snippet) => {
      await everybodyGone();
      const clients = new Map<string, TestClient>();
      const shown = new Map<TestClient, unknown[]>();
      const lost = new Map<string, TestClient>();
      try {
        for (const { client: name, sent, frame } of conversationOf(snippet)) {
          if (frame === KILLED) {
            for (const [each, client] of clients) lost.set(each, client);
            clients.clear();
            await killed();
            continue;
          }
          const client = clients.get(name) ?? (await server.open(snippet.name));
          clients.set(name, client);
          if (frame === CUT) {
            lost.set(name, client);
            client.drop();
            clients.delete(name);
          } else if (sent) client.send(resumed(frame, lost.get(name)));
          else {
            await client.next((came) => isAsShown(came, JSON.parse(frame)), frame);
            shown.set(client, [...(shown.get(client) ?? []), JSON.parse(frame)]);
          }
        }
      } finally {
        for (const client of clients.values()) client.close();
      }
      for (const [client, frames] of shown) {
        for (const came of client.frames()) if (isAsShown(came, frames[0])) frames.shift();
        expect(frames).toEqual([]);
      }
    },
  );

  const programs = snippets.filter(({ name }) => name === "client.ts");
  test.each(programs.map((snippet) => [snippet.line, snippet] as const))(
    "the client on line %i prints what its comments say",
    async (_, { text }) => {
      const folder = makeFolder();
      const sdk = await (await fetch(`${server.url}/client.js`)).text();
      writeFileSync(join(folder, "sdk.js"), sdk);
      const source = text
        .replace('"/client.js"', '"./sdk.js"')
        .replaceAll("127.0.0.1:8080", `127.0.0.1:${server.port}`);
      writeFileSync(join(folder, "client.ts"), source);
      const client = Bun.spawn([process.execPath, "run", join(folder, "client.ts")], { stderr: "inherit" });
      const printed = [...text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
      expect(printed.length).toBeGreaterThan(0);
      expect((await new Response(client.stdout).text()).trimEnd().split("\n")).toEqual(printed as string[]);
      expect(await client.exited).toBe(0);
      rmSync(folder, { recursive: true });
    },
  );
});
