import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Plan } from "./plan.ts";
import { treeCpu, treeMemory } from "./process_tree.ts";

const here = import.meta.dir;
const root = join(here, "../..");
const peers = join(here, "peers");

/** The applications that the bench plays on. */
export const extensions = join(here, "extensions");

/** A server to measure: its name in tables, the key of its wire in `dialects.ts`, and its command. */
export interface ServerKind {
  readonly name: string;
  readonly dialect: Plan["dialect"];
  command(): string[];
}

/** hotroom's command; `HOTROOM_EXECUTABLE` names a compiled one to measure in place of `mod.ts`. */
export function hotroomCommand(folder = extensions, ...flags: string[]): string[] {
  const executable = process.env.HOTROOM_EXECUTABLE;
  const program = executable ? [executable] : [process.execPath, "run", join(root, "mod.ts")];
  const unlimited = ["--inbound-rate", "0", "--inbound-bytes", "0"];
  return [...program, "serve", "--port", "0", ...unlimited, "--extensions", folder, ...flags];
}

/** The same on a runtime of choice. */
export function hotroomCommandOn(runtime: "bun" | "deno", folder: string, ...flags: string[]): string[] {
  const command = hotroomCommand(folder, ...flags);
  if (runtime === "bun") return command;
  const deno = ["deno", "run", "-A", "--config", join(root, "deno.json"), join(root, "mod.ts")];
  return [...deno, ...command.slice(command.indexOf("serve"))];
}

/** All servers, the limit first. */
export const servers: readonly ServerKind[] = [
  { name: "bare Bun", dialect: "hotroom", command: () => [process.execPath, "run", join(here, "bare.ts")] },
  { name: "hotroom", dialect: "hotroom", command: () => hotroomCommand() },
  { name: "hotroom relay", dialect: "relay", command: () => hotroomCommand() },
  { name: "Socket.IO", dialect: "socketIo", command: () => peer("socketio.mjs") },
  { name: "Colyseus", dialect: "colyseus", command: () => peer("colyseus.mjs") },
  { name: "ws", dialect: "hotroom", command: () => peer("ws.mjs") },
];

/** Measured only where it is named: hotroom with an echo in the place of its script hosts. */
const echo: ServerKind = {
  name: "echo",
  dialect: "hotroom",
  command: () => [process.execPath, "run", join(here, "echo_server.ts")],
};

/** The server with this name; throws where there is none. */
export function serverNamed(name: string): ServerKind {
  const known = [...servers, echo];
  const found = known.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`There is no server "${name}"; known: ${known.map((s) => s.name).join(", ")}.`);
  return found;
}

/** The command of a server in peers/, whose packages are installed on first use. */
function peer(file: string): string[] {
  if (!existsSync(join(peers, "node_modules"))) {
    console.error("Installing the servers to compare with (test/bench/peers) …");
    const flags = ["--no-package-lock", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"];
    const { status } = spawnSync("npm", ["install", ...flags], { cwd: peers, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error("Cannot install test/bench/peers: npm failed.");
  }
  return ["node", join(peers, file)];
}

/** A server that runs in a process of its own. */
export class RunningServer {
  /** The last lines that it has printed. */
  readonly lines: string[] = [];
  port = 0;
  /** When it printed its address, on the clock of `startedAt`. */
  listeningAt = 0;
  #ended: Promise<void>;

  private constructor(
    readonly name: string,
    readonly process: ChildProcess,
    readonly startedAt: number,
  ) {
    this.#ended = new Promise((resolve) => process.once("exit", () => resolve()));
  }

  /** Starts the command and resolves once it has printed its address; rejects where it ends before. */
  static async start(name: string, command: string[], timeoutMs = 20_000): Promise<RunningServer> {
    const [program = "", ...args] = command;
    const startedAt = performance.now();
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const server = new RunningServer(name, child, startedAt);
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code, signal) => {
          reject(new Error(`Cannot start ${name} (${code ?? signal}):\n${server.lines.join("\n")}`));
        });
        for (const stream of [child.stdout, child.stderr]) {
          createInterface({ input: stream as NodeJS.ReadableStream }).on("line", (line) => {
            server.lines.push(line);
            if (server.lines.length > 2_000) server.lines.shift();
            const address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
            if (!address || server.port > 0) return;
            server.port = Number(address[1]);
            server.listeningAt = performance.now();
            resolve();
          });
        }
      });
    } finally {
      clearTimeout(timer);
    }
    if (name.startsWith("hotroom")) await server.healthy(timeoutMs);
    return server;
  }

  /** Waits until `/healthz` answers 200: hotroom has then loaded its applications. */
  async healthy(timeoutMs = 20_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const status = await fetch(`http://127.0.0.1:${this.port}/healthz`).then(
        (response) => response.arrayBuffer().then(() => response.status),
        () => 0,
      );
      if (status === 200) return;
      await Bun.sleep(2);
    }
    throw new Error(`${this.name} is not ready after ${timeoutMs} ms:\n${this.lines.join("\n")}`);
  }

  /** Resolves once its process has ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** CPU seconds of its process tree so far. */
  cpu(): number {
    return treeCpu(this.pid);
  }

  /** Bytes of its process tree (proportional set size). */
  memory(): number {
    return treeMemory(this.pid);
  }

  /** Ends it: SIGTERM, then SIGKILL after three seconds. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 3_000);
    this.process.kill("SIGTERM");
    await this.#ended;
    clearTimeout(timer);
  }
}
