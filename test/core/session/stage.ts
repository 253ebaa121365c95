/** The core of a server with links and scripts that do only what a test says, in an order that chance gives. */
import * as v from "valibot";
import { Application } from "../../../src/core/application/application.ts";
import { type SettingsInput, settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";
import { Connections } from "../../../src/core/connection/connections.ts";
import { RequestDispatcher } from "../../../src/core/connection/request_dispatcher.ts";
import { DeliveryCount } from "../../../src/core/delivery_count.ts";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import type { RelayEntry, Version } from "../../../src/core/ports/build.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import type { Subject } from "../../../src/core/ports/script.ts";
import type { Scripts } from "../../../src/core/ports/scripts.ts";
import type { Group, Socket, SocketHandler } from "../../../src/core/ports/socket.ts";
import { hotroom } from "../../../src/protocol/hotroom/codec.ts";
import { FakeClock } from "../fake_clock.ts";

/** One connection: what was sent and has not been read lies in it, and is lost when it is cut. */
export class Link implements Socket {
  readonly toServer: string[] = [];
  readonly toClient: string[] = [];
  /** What the server has closed it with. */
  closeCode: number | undefined;
  isCut = false;
  #handler: SocketHandler;

  constructor(connections: Connections, application: Application, address?: string) {
    this.#handler = connections.accept(
      hotroom,
      application,
      address === undefined ? undefined : { address, counted: address, headers: {} },
    );
    this.#handler.open(this);
  }

  get buffered(): number {
    return this.toClient.reduce((sum, { length }) => sum + length, 0);
  }

  send(frame: string): void {
    if (this.closeCode === undefined && !this.isCut) this.toClient.push(frame);
  }

  close(code: number): void {
    this.closeCode ??= code;
  }

  terminate(): void {
    this.isCut = true;
  }

  divert(handler: SocketHandler): SocketHandler {
    const before = this.#handler;
    this.#handler = handler;
    return before;
  }

  /** Nothing gets through any more; the server has not noticed. */
  cut(): void {
    this.isCut = true;
    this.toServer.length = this.toClient.length = 0;
  }

  /** The server notices that it has ended. */
  ended(code = 1006): void {
    this.isCut = true;
    this.#handler.close(this, code, "");
  }

  /** The server reads one frame; returns it. */
  read(): string | undefined {
    const frame = this.toServer.shift();
    if (frame !== undefined) this.#handler.message(this, frame);
    return frame;
  }
}

class LinkGroup implements Group {
  readonly #sockets = new Set<Socket>();
  add(socket: Socket): void {
    this.#sockets.add(socket);
  }
  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }
  send(frame: string, except?: Socket): void {
    for (const socket of this.#sockets) if (socket !== except) socket.send(frame);
  }
}

/** An event that its script has not answered. */
interface Waiting {
  readonly subject: Subject;
  readonly event: ScriptEvent;
  readonly done: ((outcome: Outcome) => void) | undefined;
}

/** What the script of a room answers a message with. */
export type Answer = (room: string, event: ScriptEvent & { kind: "message" }) => Partial<Outcome>;

export class Stage {
  readonly clock = new FakeClock();
  readonly application: Application;
  readonly histories: HistoryStore;
  readonly #connections: Connections;
  readonly #waiting: Waiting[] = [];

  constructor(
    settings: SettingsInput,
    options: {
      history?: number;
      outbox?: number;
      outboxTotal?: number;
      rate?: number;
      bytes?: number;
      relays?: RelayEntry[];
    },
    private readonly answerOf: Answer = () => ({}),
  ) {
    const { clock } = this;
    this.histories = new HistoryStore(clock, options.history ?? 64 * 1024 * 1024);
    const deliveries = new DeliveryCount();
    const scripts = {
      open: (_: Version, subject: Subject) => ({
        view: { waiting: 0 },
        version: "v1",
        dispatch: (event: ScriptEvent, done?: (outcome: Outcome) => void) =>
          void this.#waiting.push({ subject, event, done }),
        close() {},
        settle() {},
      }),
      shortage: () => undefined,
      unload() {},
    } as unknown as Scripts;
    this.application = new Application("app", versionOf(settings, options.relays), {
      scripts,
      clock,
      ticker: new Ticker(clock),
      log: (level, text) => {
        throw new Error(`${level}: ${text}`);
      },
      makeGroup: () => new LinkGroup(),
      deliveries,
      digest: (text) => text,
      histories: this.histories,
    });
    const dispatcher = new RequestDispatcher(() => undefined);
    const limits = {
      frame: 65_536,
      rate: options.rate ?? 0,
      burst: options.rate ?? 0,
      bytes: options.bytes ?? 0,
      outbox: options.outbox ?? 1024 * 1024,
      outboxTotal: options.outboxTotal ?? 2 ** 30,
      loginDeadline: 0,
    };
    this.#connections = new Connections({
      clock,
      log: (level, text) => {
        throw new Error(`${level}: ${text}`);
      },
      limits,
      handle: (connection, request) => dispatcher.handle(connection, request),
      deliveries,
    });
  }

  open(address?: string): Link {
    return new Link(this.#connections, this.application, address);
  }

  /** Events that wait for their scripts. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Has one script answer its next event; `choose` picks among those that wait, of which the first of each script is taken. */
  answer(choose: (count: number) => number = () => 0): void {
    const chosen = this.#waiting[choose(this.#waiting.length)];
    const at = this.#waiting.findIndex(({ subject }) => subject === chosen?.subject);
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (!next) return;
    const { subject, event, done } = next;
    const answer = event.kind === "message" ? this.answerOf(subject.room?.name ?? "", event) : {};
    const outcome: Outcome = { version: "v1", effects: [], ...answer };
    const isDone = subject.decide(event, outcome);
    subject.outcome(event, isDone === false ? { ...outcome, effects: [] } : outcome);
    done?.(outcome);
  }

  /** What was promised has happened. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function versionOf(settings: SettingsInput, relays?: RelayEntry[]): Version {
  const files = new Map<string, string>();
  const build = {
    application: "app",
    hash: "abc123",
    version: "v1",
    files,
    sources: files,
    rooms: new Map([["r", "rooms/r.ts"]]),
    settings: settingsOf(v.parse(settingsSchema, settings), true),
  };
  const definition = { kind: "room" as const, hasMigrate: false, handlers: [], ...(relays && { relays }) };
  return { build, rooms: new Map([["r", definition]]) };
}
