/** `hotroom dev`: what who edits is given, and what assistants are. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestClient } from "./client.ts";
import { makeFolder, until } from "./harness.ts";
import { commandOf, onEachRuntime, type Runtime } from "./runtimes.ts";

/** A server that was started by `hotroom dev` in a folder that was empty. */
class DevServer {
  readonly folder = makeFolder();
  output = "";
  readonly #child: ChildProcess;

  constructor(runtime: Runtime, ...flags: string[]) {
    const [command, ...first] = commandOf(runtime);
    const env = { ...process.env, HOTROOM_CACHE: "none" };
    const args = [...first, "dev", "--port", "0", ...flags];
    this.#child = spawn(command, args, { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk) => {
        this.output += chunk;
      });
  }

  async ready(): Promise<this> {
    await until("what is printed last", () => this.output.includes("/llms.txt"));
    return this;
  }

  /** What it says that there is, by name: `play`, `edit`. */
  lines(name: string): string[] {
    const rows = this.output.split("\n");
    const at = rows.findIndex((row) => row.startsWith(`  ${name} `));
    const end = rows.findIndex((row, n) => n > at && /^ {0,2}\S|^$/.test(row));
    return rows.slice(at, end).map((row) => row.slice(14));
  }

  get url(): string {
    return this.lines("play")[0]?.match(/http:\/\/[^/]+/)?.[0] ?? "";
  }

  /** Calls a method of the Model Context Protocol. */
  async mcp(method: string, params: object = {}, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const text = await response.text();
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
    return { status: response.status, ...JSON.parse(data) };
  }

  async tool(name: string, given: object) {
    const { result } = await this.mcp("tools/call", { name, arguments: given });
    const [{ text }] = result.content;
    return { isError: result.isError, text, value: text.startsWith("{") ? JSON.parse(text) : undefined };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

onEachRuntime(
  "dev",
  (runtime) => {
    let server: DevServer;
    beforeAll(async () => {
      server = await new DevServer(runtime).ready();
    });
    afterAll(() => server.stop());

    const login = async () => {
      const client = new TestClient(`${server.url.replace("http", "ws")}/ws/chat`, ["hotroom.v1"]);
      await client.opened;
      await client.ok({ event: "login", data: { name: "ann" } });
      await client.ok({ event: "join", room: "lobby" });
      return client;
    };

    test("in an empty folder it makes the examples, and the line that it names changes what a client hears", async () => {
      expect(server.output).toContain("Made ./extensions with the examples.");
      // Whoever sees them for the first time need not wonder what one of them could have besides.
      expect(server.output).not.toContain("which is not set");
      expect((await fetch(server.lines("play").find((each) => each.endsWith("/chat/")) ?? "")).status).toBe(
        200,
      );
      const ann = await login();
      const place = server.lines("edit").find((each) => each.includes("chat.ts")) ?? "";
      const [path = "", line] = place.split(":");
      const lines = readFileSync(join(server.folder, path), "utf8").split("\n");
      const at = Number(line) - 1;
      expect(lines[at - 1]).toContain("Edit this line and watch");
      lines[at] = lines[at]?.replace("line", "{ ...line, text: text.toUpperCase() }") ?? "";
      writeFileSync(join(server.folder, path), lines.join("\n"));
      await until("loud words", async () => {
        await ann.ask("lobby", "say", { text: "hello" });
        return ann.messages("said").some(({ text }) => text === "HELLO");
      });
      expect(ann.isOpen).toBe(true);
      await until("it to be told", () => server.output.includes("CHAT_MODERATOR_KEY, which is not set"));
      ann.close();
    });

    test("its log tells the place of an error as a path from here", async () => {
      writeFileSync(join(server.folder, "extensions/broken.ts"), "export default {\n  a b\n};");
      await until("the error", () => server.output.includes("broken.ts:2"));
      expect(server.output).toContain("extensions/broken.ts:2:5");
    });

    test("assistants find docs, and tools that look at rooms, their state and what has happened", async () => {
      expect(await (await fetch(`${server.url}/llms.txt`)).text()).toContain("(/docs/EXTENSIONS.md)");
      expect(await (await fetch(`${server.url}/docs/hotroom.d.ts`)).text()).toContain("defineRoom");
      const ann = await login();
      await ann.ask("lobby", "say", { text: "for the record" });
      const { result } = await server.mcp("initialize", {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "test", version: "1" },
      });
      expect(result.serverInfo.name).toBe("hotroom");
      const tools: string[] = (await server.mcp("tools/list")).result.tools.map(
        ({ name }: { name: string }) => name,
      );
      expect(tools).toContain("rooms");
      expect(tools).toContain("timeline");
      expect(tools).not.toContain("closeRoom");
      expect((await server.tool("rooms", { application: "chat" })).value.rooms).toMatchObject([
        { name: "lobby" },
      ]);
      const state = await server.tool("roomState", { application: "chat", room: "lobby" });
      expect(state.text).toContain("for the record");
      expect(await server.tool("roomState", { application: "chat", room: "none" })).toMatchObject({
        isError: true,
        value: { error: { code: "room_not_found" } },
      });
      const docs = (await server.mcp("resources/list")).result.resources;
      expect(docs.map(({ name }: { name: string }) => name)).toContain("EXTENSIONS.md");
      const read = await server.mcp("resources/read", { uri: "hotroom://docs/EXTENSIONS.md" });
      expect(read.result.contents[0].text).toContain("defineRoom");
      ann.close();
    });

    test("arguments of whatever kind lead to no other route, and to no stack of the server", async () => {
      const wrong: unknown[] = [
        undefined,
        null,
        "x",
        {},
        { application: ".." },
        { application: "." },
        { application: { toString: 1 } },
        { application: "\ud800" },
        { application: "chat", limit: {} },
        { application: JSON.parse(`${"[".repeat(1900)}${"]".repeat(1900)}`) },
      ];
      for (const given of wrong) {
        const answer = await server.mcp("tools/call", { name: "rooms", arguments: given });
        expect(answer.result).toMatchObject({ isError: true });
        expect(JSON.stringify(answer)).not.toContain("mod.ts");
        expect(JSON.stringify(answer)).not.toMatch(/\bat .*:\d+:\d+/);
      }
      const up = { application: "chat", room: ".." };
      expect((await server.tool("roomState", up)).value.error.code).toBe("bad_arguments");
      const many = { application: "chat", limit: Array(70_000).fill(1) };
      expect((await server.mcp("tools/call", { name: "rooms", arguments: many })).status).toBe(400);
    });

    test("what only acts or edits is no tool without --edit, pages of other origins get nothing, and long requests are refused", async () => {
      const refused = await server.mcp("tools/call", {
        name: "closeRoom",
        arguments: { application: "chat", room: "lobby" },
      });
      expect(refused.error ?? refused.result.isError).toBeTruthy();
      expect((await server.mcp("tools/list", {}, { origin: "http://evil.example" })).status).toBe(403);
      expect((await server.mcp("tools/list", {}, { "sec-fetch-site": "same-origin" })).status).toBe(401);
      expect((await server.mcp("tools/list", { long: "x".repeat(2_100_000) })).status).toBe(413);
    });
  },
  ["bun", "deno", "executable"],
);

test("with --edit assistants act and edit", async () => {
  const server = await new DevServer("bun", "--edit").ready();
  try {
    const made = await server.tool("createRoom", { application: "chat", room: "made", type: "chat" });
    expect(made.isError).toBe(false);
    expect((await server.tool("rooms", { application: "chat" })).text).toContain('"made"');
    expect((await server.tool("closeRoom", { application: "chat", room: "made" })).isError).toBe(false);
  } finally {
    await server.stop();
  }
}, 60_000);

test("the place of the line to edit is one line of plain text, whatever an author calls the file", async () => {
  const folder = makeFolder({
    "chat/lib/a\u001b[2J\n\u202eb.ts": "// Edit this line and watch\nexport const a = 1;",
  });
  const server = await new DevServer("bun", "--extensions", folder).ready();
  try {
    expect(server.output).toContain("a\\u001b[2J\\u000a\\u202eb.ts:2\n");
    for (const character of ["\u001b", "\u202e"]) expect(server.output).not.toContain(character);
  } finally {
    await server.stop();
  }
}, 60_000);
