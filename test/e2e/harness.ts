/**
 * A real server as a child process, with a temporary folder of extensions. Nothing here knows the server's insides.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { beforeFoldersGo, temporaryFolder } from "../temporary_folders.ts";
import { TestClient } from "./client.ts";
import { PATIENCE } from "./patience.ts";
import { commandOf, type Runtime } from "./runtimes.ts";

const running = new Set<TestServer>();

/** Kills every server that is still there. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.kill()));
}

beforeFoldersGo(() => {
  for (const server of running) server.killNow();
});

export interface ServerOptions {
  runtime: Runtime;
  /** Serves this folder, which stays, instead of a temporary one. */
  extensions?: string;
  /** Source by path inside the temporary extensions folder. */
  files?: Record<string, string>;
  /** Arguments after `serve`, beside port, host and extensions. */
  args?: string[];
  env?: Record<string, string>;
  /** Another executable than the runtime's. */
  executable?: string;
  /** Program and arguments that become the server, as which rights it has. */
  under?: readonly string[];
  /** File that standard output goes to, in the place of a pipe that is read. */
  logFile?: string;
  /** What `hotroom.config.json` holds. */
  config?: object;
  /** Certificates that are trusted, PEM. */
  ca?: string;
}

/** Calls `probe` until it gives something truthy; fails with `what` and the last error after PATIENCE. */
export async function until<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + PATIENCE;
  let pause = 1;
  let last: unknown;
  do {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(25, pause * 2);
  } while (Date.now() < end);
  throw new Error(`Waited ${PATIENCE} ms for ${what}.`, { cause: last });
}

/** Runs a command of the server to its end. */
export function runCommand(
  runtime: Runtime,
  args: string[],
  cwd: string = tmpdir(),
  variables: Record<string, string> = {},
) {
  const [command, ...first] = commandOf(runtime);
  const env = { ...process.env, HOTROOM_CACHE: "none", ...variables };
  const result = spawnSync(command, [...first, ...args], { cwd, env, encoding: "utf8", timeout: PATIENCE });
  if (result.error) throw new Error(`Cannot run ${args.join(" ")} to its end.`, { cause: result.error });
  return { status: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
}

/** The examples, as they are in the repository. */
export const examples = join(import.meta.dir, "../../extensions");

/** An empty temporary folder, with files in it where given; it goes with the tests. */
export function makeFolder(files: Record<string, string> = {}): string {
  const folder = temporaryFolder();
  for (const [path, source] of Object.entries(files)) writeInto(folder, path, source);
  return folder;
}

function writeInto(folder: string, path: string, source: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), source);
}

/** Starts a server on a free port and waits until its extensions are loaded. */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const server = new TestServer(options);
  running.add(server);
  await server.ready();
  return server;
}

export class TestServer {
  /** Of the extensions; the working directory is another, empty one. */
  readonly folder: string;
  readonly cwd = makeFolder();
  port = 0;
  /** Certificates that are trusted, PEM, where it listens by TLS. */
  ca: string | undefined;
  /** Where it says that it listens: `http://127.0.0.1:8080`, `https://…`, `unix:/tmp/a.sock`. */
  #address = "";
  readonly #child: ChildProcess;
  readonly #logFile: string | undefined;
  readonly #clients: TestClient[] = [];
  #output = "";

  readonly #temporary: string[];

  constructor(options: ServerOptions) {
    const { runtime, extensions, files = {}, args = [], env = {}, under = [], logFile, config } = options;
    if (config) writeInto(this.cwd, "hotroom.config.json", JSON.stringify(config));
    this.#logFile = logFile;
    this.ca = options.ca;
    this.folder = extensions ?? makeFolder(files);
    this.#temporary = extensions === undefined ? [this.cwd, this.folder] : [this.cwd];
    const own = options.executable === undefined ? commandOf(runtime) : [options.executable];
    const [command = "", ...first] = [...under, ...own];
    const flags = ["serve", "--port", "0", "--host", "127.0.0.1", "--extensions", this.folder, ...args];
    const log = logFile === undefined ? "pipe" : openSync(logFile, "a");
    this.#child = spawn(command, [...first, ...flags], {
      cwd: this.cwd,
      // A cache of its own, or none: what ran before is no part of a test.
      env: { ...process.env, NO_COLOR: "1", HOTROOM_CACHE: "none", ...env },
      stdio: ["ignore", log, "pipe"],
    });
    if (log !== "pipe") closeSync(log);
    const collect = (chunk: Buffer) => {
      this.#output += chunk;
    };
    this.#child.stdout?.on("data", collect);
    this.#child.stderr?.on("data", collect);
  }

  /** Address of the server, without a slash at its end. */
  get url(): string {
    return this.#socket === undefined ? this.#address : "http://localhost";
  }

  /** Path of the unix socket that it listens on. */
  get #socket(): string | undefined {
    return this.#address.match(/^unix:(.*)/)?.[1];
  }

  /** Asks for a path, wherever the server listens. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const [unix, { ca }] = [this.#socket, this];
    return fetch(`${this.url}${path}`, { ...init, ...(unix && { unix }), ...(ca && { tls: { ca } }) });
  }

  /** Address that opens the console, as the server has printed it. */
  get consoleUrl(): string {
    const address = this.output().match(/console: (http:\/\/\S+\?secret=\S+)/)?.[1];
    if (address === undefined) throw new Error(`No address of the console in:\n${this.output()}`);
    return address;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything the server has written so far. */
  output(): string {
    return this.#logFile === undefined ? this.#output : readFileSync(this.#logFile, "utf8") + this.#output;
  }

  /** The pipe that standard output goes to: a test may stop reading it. */
  get log(): Readable {
    return this.#child.stdout as Readable;
  }

  /**
   * What was logged about an application (`fx`) or a room (`fx/hall`), line by line, without time and version;
   * `INFO text` each.
   */
  lines(subject: string): string[] {
    const head = new RegExp(`^[\\d:.]+ (\\w+) +${subject} v\\d+·[0-9a-f]+ (.*)$`);
    return this.#output.split("\n").flatMap((line) => {
      const match = line.match(head);
      return match ? [`${match[1]} ${match[2]}`] : [];
    });
  }

  /** Waits for text in the output, from `start` on; the text before it in the same line comes along. */
  async logged(pattern: RegExp, start = 0): Promise<string> {
    const find = () =>
      this.output()
        .slice(start)
        .match(new RegExp(`.*(?:${pattern.source}).*`, pattern.flags))?.[0];
    try {
      return await until(`${pattern} in the server's output`, find);
    } catch (error) {
      throw new Error(`${(error as Error).message} It wrote:\n${this.output().slice(start)}`);
    }
  }

  async ready(): Promise<void> {
    const address = await until("the line that says where the server listens", () => {
      if (this.#child.exitCode !== null) return "exited";
      return this.output().match(/listening on ([^\s"]+)/)?.[1];
    }).catch(() => "exited");
    if (address === "exited") throw new Error(`Cannot start the server; it wrote:\n${this.output()}`);
    this.#address = address;
    this.port = Number(new URL(address).port);
    await until("/healthz to answer 200", async () => (await this.fetch("/healthz")).status === 200);
  }

  /** Opens a connection to an application; closed with the server. */
  async connect(application: string, protocols: string[] = []): Promise<TestClient> {
    return this.open(`/ws/${application}`, protocols);
  }

  /** Opens a connection to any path. */
  async open(path: string, protocols: string[] = []): Promise<TestClient> {
    const socket = this.#socket;
    const url = socket ? `ws+unix://${socket}:${path}` : `${this.url.replace(/^http/, "ws")}${path}`;
    const client = new TestClient(url, protocols, { ca: this.ca });
    this.#clients.push(client);
    await client.opened;
    return client;
  }

  /** Status that an upgrade of a path is answered with: 101, or why not. */
  async upgradeStatus(path: string): Promise<number> {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    return new Promise((resolve, reject) => {
      const asking = request({ host: "127.0.0.1", port: this.port, path, headers });
      asking.on("upgrade", (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      asking.on("response", (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asking.on("error", reject);
      asking.end();
    });
  }

  /** A connection that is logged in, and in a room where one is named. */
  async user(application: string, name: string, room?: string): Promise<TestClient> {
    const client = await this.connect(application);
    await client.ok({ event: "login", data: { name } });
    if (room !== undefined) await client.ok({ event: "join", room });
    return client;
  }

  write(path: string, source: string): void {
    writeInto(this.folder, path, source);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** Process ids of the live script hosts, or of the children that run another command. */
  hostPids(command = "script-host"): number[] {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" });
    return stdout
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, parent, state]) => Number(parent) === this.pid && !state?.startsWith("Z"))
      .filter((columns) => columns.includes(command))
      .map(([pid]) => Number(pid));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code when the process has ended. */
  async exited(): Promise<number | null> {
    await until("the server to exit", () => this.#child.exitCode !== null || this.#child.signalCode !== null);
    return this.#child.exitCode;
  }

  /** Asks the server to stop and waits for it. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    await this.exited();
    await this.kill();
  }

  killNow(): void {
    const hosts = this.#child.exitCode === null ? this.hostPids() : [];
    this.#child.kill("SIGKILL");
    for (const pid of hosts) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It went with its server.
      }
    }
    for (const folder of this.#temporary) rmSync(folder, { recursive: true, force: true });
    running.delete(this);
  }

  /** Ends the server and its script hosts at once, whatever they do. */
  async kill(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.killNow();
    await this.exited();
  }
}
