/** The documents are true: what they show runs, and what they list is what there is. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { configSchema, variableOf } from "../src/cli/config.ts";
import { limitsSchema, settingsSchema } from "../src/core/application/settings.ts";
import { writeTypes } from "../src/source/editor/editor_types.ts";
import type { TestClient } from "./e2e/client.ts";
import { makeFolder, runCommand, startServer, stopAll, type TestServer } from "./e2e/harness.ts";
import { conversationOf, extensionsOf, isAsShown, type Snippet, snippetsOf } from "./snippets.ts";

const root = join(import.meta.dir, "..");
setDefaultTimeout(60_000);
afterAll(stopAll);

describe.each(["README.md", "docs/EXTENSIONS.md"])("%s", (document) => {
  const snippets = snippetsOf(document);
  const files = extensionsOf(snippets);
  const applications = [
    ...new Set(Object.keys(files).map((path) => path.split("/")[0]?.replace(/\.ts$/, ""))),
  ];
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ runtime: "bun", files });
  });

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

  const conversations = snippets.filter(({ language }) => language === "wire");
  test.each(conversations.map((snippet) => [`${snippet.name}, line ${snippet.line}`, snippet] as const))(
    "the conversation with %s takes place",
    async (_, snippet) => {
      const clients = new Map<string, TestClient>();
      for (const { client: name, sent, frame } of conversationOf(snippet)) {
        const client = clients.get(name) ?? (await server.open(snippet.name));
        clients.set(name, client);
        if (sent) client.send(frame);
        else await client.next((came) => isAsShown(came, JSON.parse(frame)), frame);
      }
      for (const client of clients.values()) client.close();
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

  test("the files and sections that it links to are there", () => {
    const text = readFileSync(join(root, document), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", section] = target.split("#");
      const file = path === "" ? join(root, document) : join(root, dirname(document), path);
      expect([target, existsSync(file)]).toEqual([target, true]);
      if (section === undefined) continue;
      const slugs = [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
      expect(slugs).toContain(section);
    }
  });
});

describe("docs/OPERATIONS.md", () => {
  const text = readFileSync(join(root, "docs/OPERATIONS.md"), "utf8");
  const code = (text: unknown) => `\`${text}\``;
  /** Cells of the table row that has a cell `key`. */
  const row = (key: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .find((cells) => cells.includes(code(key))) ?? [];

  test.each(Object.keys(configSchema.entries))(
    "lists the server's setting %s with its names and default",
    (key) => {
      const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const standard = (v.parse(configSchema, {}) as Record<string, unknown>)[key];
      expect(row(key).slice(1, 4)).toEqual([code(flag), code(variableOf(key)), code(key)]);
      if (standard !== undefined) expect(row(key)[4]).toBe(code(standard));
      else expect(row(key)[4]).not.toMatch(/^(`|$)/);
    },
  );

  const defaults = v.parse(settingsSchema, {});
  test.each(Object.keys(settingsSchema.entries))("lists the application's setting %s", (key) => {
    const standard = (defaults as Record<string, unknown>)[key];
    expect(row(key)[1]).toBe(code(key));
    if (typeof standard !== "object" && standard !== undefined) expect(row(key)[2]).toBe(code(standard));
  });

  test.each(Object.keys(limitsSchema.entries))("lists the limit %s with its default", (key) => {
    expect(row(key).slice(1, 3)).toEqual([
      code(key),
      code(defaults.limits[key as keyof typeof defaults.limits]),
    ]);
  });

  test("its settings files are valid", () => {
    const shown = (name: string) => {
      const found = snippetsOf("docs/OPERATIONS.md").find((snippet: Snippet) => snippet.name === name);
      return JSON.parse(found?.text ?? "");
    };
    expect(v.safeParse(configSchema, shown("hotroom.config.json")).success).toBe(true);
    expect(v.safeParse(settingsSchema, shown("hotroom.json")).success).toBe(true);
  });
});
