import type { closeCodes } from "../protocol/codes.ts";
import type { ClientEvents } from "./client_events.ts";
import { type ConnectOptions, withDefaults } from "./connect_options.ts";
import type { EventFrame } from "./connection/frames.ts";
import { type Closed, Link } from "./connection/link.ts";
import { Wire } from "./connection/wire.ts";
import { EditWish } from "./edit_wish.ts";
import type { HotroomClientError } from "./error.ts";
import type { Listeners } from "./listeners.ts";
import { Rooms } from "./room/rooms.ts";
import { Session } from "./session/session.ts";
import { StoredSession } from "./session/stored_session.ts";

/** What a conversation tells the client, beside the events that listeners hear. */
export interface ConversationEvents {
  event(frame: EventFrame): void;
  failed(error: HotroomClientError): void;
  /** It has ended for good; its rooms have. */
  ended(closed: Closed): void;
}

/** What a connection is closed with whose session a newer one has taken over. The table with its texts would come along as a value. */
const SESSION_REPLACED: typeof closeCodes.session_replaced.code = 4503;

/** What a client consists of, put together: a link, the frames that go over it, a session, and its rooms. */
export class Conversation {
  readonly link: Link;
  readonly wire: Wire;
  readonly session: Session;
  readonly rooms = new Rooms({
    newest: () => this.wire.newest,
    send: (frame, what) => this.wire.send(frame, what),
    request: (frame, what, options, take, late) => this.wire.request(frame, what, options, take, late),
    direct: (frame, what, take) => this.wire.direct(frame, what, take),
  });
  /** Past the queue, as what is about no session; who is not told yes or no is not told of edits. */
  readonly edits = new EditWish(() => {
    const frame = { event: "edits", data: { live: true } } as const;
    this.wire.direct(frame, "ask for edits", () => {}).catch(() => {});
  });
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #heard: ConversationEvents;
  /** The server's answer to the first greeting, once the first connection is open. */
  #greeting: Promise<void> | undefined;
  /** Whether the first connection has been opened, and the server has said what it has for this client. */
  #hasBegun = false;
  #hasEnded = false;

  constructor(
    url: string,
    options: ConnectOptions,
    listeners: Listeners<ClientEvents>,
    heard: ConversationEvents,
  ) {
    this.#url = url;
    this.#options = options;
    this.#heard = heard;
    const { timeout, reconnect, background, liveness, queue, relogin } = withDefaults(options);
    this.link = new Link(
      url,
      { WebSocket: options.WebSocket, timeout, reconnect, background, liveness },
      {
        open: () => this.#greet(),
        message: (data) => this.wire.receive(data),
        lost: (closed) => {
          this.edits.lost();
          this.session.lost(closed);
        },
        end: (closed) => this.#end(closed),
        ping: () => this.wire.ping(),
        isWaiting: () => this.wire.isWaiting,
        isSlow: () => this.wire.isSlow,
        isNeeded: () => this.session.isWanted || this.wire.hasWork,
        grace: () => this.session.login?.grace ?? 0,
        hide: (isKept) => this.session.hide(isKept),
        prepare: () => this.session.prepare(),
      },
    );
    this.wire = new Wire(
      this.link,
      { timeout, queue },
      {
        event: heard.event,
        failed: heard.failed,
        frame: (direction, text) => listeners.emit("frame", direction, text),
        answered: (id) => this.rooms.answered(id),
        caughtUp: () => this.session.caughtUp(),
      },
    );
    this.session = new Session(this.wire, this.rooms, relogin, {
      away: (closed) => listeners.emit("away", closed),
      back: (back) => listeners.emit("back", back),
      reset: (reset) => listeners.emit("reset", reset),
      expired: (expired) => listeners.emit("expired", expired),
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Opens the first connection, and takes up what the page before has left. Rejects as `connect()` does. */
  async open(): Promise<void> {
    const { store = false, signal } = this.#options;
    if (store !== false) {
      const name = store === true ? "" : ` ${store}`;
      const stored = await StoredSession.open(`hotroom ${this.#url}${name}`);
      if (stored) this.session.keepIn(stored);
    }
    try {
      await this.link.connect(signal);
      await this.#greeting;
      this.#hasBegun = true;
    } catch (error) {
      this.link.close(1000, "");
      throw error;
    }
  }

  /** Ends it: what waits is rejected at once. */
  close(): void {
    if (this.#hasEnded) return;
    this.wire.end({ code: 1000, reason: "" });
    this.link.close(1000, "");
  }

  #greet(): void {
    const greeting = this.session.greet(this.#greeting === undefined);
    this.#greeting ??= greeting;
    // Who can't be told yes or no now asks again over another connection.
    greeting.then(
      () => this.edits.ready(),
      (error: Error) => this.link.drop(error.message),
    );
  }

  #end(closed: Closed): void {
    this.#hasEnded = true;
    this.wire.end(closed);
    // Who has taken the session over may be another page of this tab; a page that could not connect leaves what there was.
    this.session.end(this.#hasBegun && closed.code !== SESSION_REPLACED);
    this.rooms.endAll({ cause: "closed", reason: closed.reason || undefined });
    this.#heard.ended(closed);
  }
}
