/** The core of a server without sockets, which keeps what is durable in a store that a test has. */
import * as v from "valibot";
import type { Application } from "../../../src/core/application/application.ts";
import { Applications } from "../../../src/core/application/applications.ts";
import { type SettingsInput, settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";
import { Connections } from "../../../src/core/connection/connections.ts";
import { RequestDispatcher } from "../../../src/core/connection/request_dispatcher.ts";
import { DeliveryCount } from "../../../src/core/delivery_count.ts";
import { DurableData } from "../../../src/core/durable/durable_data.ts";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import type { Build } from "../../../src/core/ports/build.ts";
import type { Fetcher } from "../../../src/core/ports/fetcher.ts";
import type { JournalStore } from "../../../src/core/ports/journal_store.ts";
import type { Group, Socket, SocketHandler } from "../../../src/core/ports/socket.ts";
import { hotroom } from "../../../src/protocol/hotroom/codec.ts";
import { InProcessHost } from "../../../src/script/in_process_host.ts";
import { ScriptHosts } from "../../../src/script/server/script_hosts.ts";
import { FakeClock } from "../fake_clock.ts";

/** Turns of the loop in which nothing may happen for it to be quiet. */
const QUIET_TURNS = 12;

/** Returns a build of the application `app`; sources by path, in JavaScript. */
export function buildOf(sources: Record<string, string>, settings: SettingsInput = {}, number = 1): Build {
  const files = new Map(Object.entries(sources));
  const text = JSON.stringify([sources, settings]);
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const rooms = [...files.keys()].flatMap((path) => path.match(/^rooms\/(\w+)\.js$/)?.[1] ?? []);
  return {
    application: "app",
    hash,
    version: `v${number}·${hash.slice(0, 6)}`,
    files,
    sources: files,
    rooms: new Map(rooms.map((type) => [type, `rooms/${type}.js`])),
    ...(files.has("app.js") && { extension: "app.js" }),
    settings: settingsOf(v.parse(settingsSchema, settings), false),
  };
}

/** A client whose frames are taken at once. */
export class Client implements Socket {
  readonly buffered = 0;
  readonly got: Record<string, unknown>[] = [];
  closeCode: number | undefined;
  readonly #handler: SocketHandler;
  #id = 0;

  constructor(connections: Connections, application: Application) {
    this.#handler = connections.accept(hotroom, application);
    this.#handler.open(this);
  }

  send(frame: string): void {
    this.got.push(JSON.parse(frame));
  }

  close(code: number): void {
    this.closeCode ??= code;
  }

  terminate(): void {}

  divert(): SocketHandler {
    return this.#handler;
  }

  /** Loses the connection: its user is away. */
  lose(): void {
    this.#handler.close(this, 1006, "");
  }

  /** Sends a frame. */
  frame(frame: object): void {
    this.#handler.message(this, JSON.stringify(frame));
  }

  /** Sends a request; returns a function that returns its answer once it is there. */
  ask(frame: object): () => Record<string, unknown> | undefined {
    const id = ++this.#id;
    this.#handler.message(this, JSON.stringify({ ...frame, id }));
    return () => this.got.find((each) => each.id === id);
  }
}

/** Makes a group whose sockets get what it is sent. */
function makeGroup(): Group {
  const sockets = new Set<Socket>();
  return {
    add: (socket) => void sockets.add(socket),
    delete: (socket) => void sockets.delete(socket),
    send: (frame, except) => {
      for (const socket of sockets) if (socket !== except) socket.send(frame);
    },
  };
}

export class Core {
  readonly clock = new FakeClock();
  readonly lines: string[] = [];
  readonly applications: Applications;
  readonly data: DurableData;
  readonly #scripts: ScriptHosts;
  readonly #connections: Connections;

  /** Without a fetcher nobody can be asked. */
  constructor(
    readonly store: JournalStore,
    fetcher?: Fetcher,
  ) {
    const { clock, lines } = this;
    const log = (level: string, text: string, fields = {}) =>
      void lines.push(`${level} ${(fields as { room?: string }).room ?? ""}: ${text}`);
    const deliveries = new DeliveryCount();
    this.#scripts = new ScriptHosts({ hosts: 1, start: InProcessHost.start, log, deliveries });
    this.data = new DurableData({ clock, log, open: async () => store });
    this.applications = new Applications({
      scripts: this.#scripts,
      clock,
      ticker: new Ticker(clock),
      log,
      makeGroup,
      deliveries,
      digest: (text) => text,
      histories: new HistoryStore(clock, 64 * 1024 * 1024),
      durable: this.data,
      ...(fetcher && { fetcher }),
      absent: (id) => this.#connections.absent(hotroom, id),
    });
    this.data.onFailed = (error) => void this.applications.restart(error);
    const dispatcher = new RequestDispatcher((name) => this.applications.find(name));
    const limits = {
      frame: 65_536,
      rate: 0,
      burst: 0,
      bytes: 0,
      outbox: 1024 * 1024,
      outboxTotal: 2 ** 30,
      loginDeadline: 0,
    };
    const handle = dispatcher.handle.bind(dispatcher);
    this.#connections = new Connections({ clock, log, limits, handle, deliveries });
  }

  get application(): Application {
    const found = this.applications.find("app");
    if (!found) throw new Error(`It does not run:\n${this.lines.join("\n")}`);
    return found;
  }

  /** Starts with what is in the store, and a build. */
  async start(build: Build): Promise<void> {
    await this.begin(build);
    await this.quiet();
  }

  /** As `start`, but rooms may not be up yet. */
  async begin(build: Build): Promise<void> {
    if ((await this.store.applications()).length > 0) await this.data.open();
    await this.applications.update(build);
  }

  connect(): Client {
    return new Client(this.#connections, this.application);
  }

  /** Sends a request, and returns its answer. */
  async ask(client: Client, frame: object): Promise<Record<string, unknown>> {
    const answer = client.ask(frame);
    for (;;) {
      const found = answer();
      if (found) return found;
      await turn();
    }
  }

  /** A client that is logged in, and in rooms. */
  async user(name: string, ...rooms: string[]): Promise<Client> {
    const client = this.connect();
    await this.ask(client, { event: "login", data: { name } });
    for (const room of rooms) await this.ask(client, { event: "join", room });
    return client;
  }

  /** Resolves when nothing happens any more without time passing. */
  async quiet(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await turn();
      this.clock.advance(0);
      quiet = this.#isBusy() ? 0 : quiet + 1;
    }
    await this.data.idle();
  }

  /** Lets the loop turn a few times, whatever waits for what. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 50; turns++) await turn();
  }

  /** Lets time pass, ms, and what it brings happen. */
  async pass(ms: number, step = 60): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(step);
      await this.quiet();
    }
  }

  /** Returns the state of a room, "" for the application's own, by its emit `dump`, which logs it. */
  async state(room: string): Promise<unknown> {
    const before = this.lines.length;
    this.application.emit(room === "" ? null : room, "dump");
    await this.quiet();
    const line = this.lines.slice(before).find((each) => each.startsWith(`info ${room}: `));
    if (line === undefined)
      throw new Error(`It does not tell its state:\n${this.lines.slice(before).join("\n")}`);
    return JSON.parse(line.slice(`info ${room}: `.length));
  }

  async stop(): Promise<void> {
    await this.#scripts.stop();
  }

  #isBusy(): boolean {
    const { extension, rooms } = this.application;
    const scripts = [extension, ...Array.from(rooms.values(), (room) => room.extension)];
    const isBusy = scripts.some((each) => each && (each.script.waiting > 0 || each.script.isComingBack));
    return isBusy;
  }
}

/** Resolves when the loop has turned. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
