import {
  type Codec,
  type Decoder,
  type ErrorData,
  FrameError,
  type Request,
  type ServerEvent,
} from "../../protocol/codec.ts";
import { type CloseName, closeCodes, isErrorCode } from "../../protocol/codes.ts";
import { textOf, unreadable } from "../../protocol/frame.ts";
import type { Application } from "../application/application.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import { HotroomError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Group, Socket } from "../ports/socket.ts";
import type { Log } from "../ports/log.ts";
import { OutboxCheck } from "../limit/outbox_check.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import { Queue } from "../queue.ts";
import type { Room } from "../room/room.ts";
import type { User } from "../user/user.ts";
import { PasswordTries } from "./password_tries.ts";

/** Limits of every connection. */
export interface ConnectionLimits {
  /** Largest frame taken, bytes. */
  readonly frame: number;
  /** Frames a second; 0 is no limit. */
  readonly rate: number;
  /** Frames at once. */
  readonly burst: number;
  /** Bytes that may wait for a slow client before its connection is closed. */
  readonly outbox: number;
  /** How long a connection may be without a user, ms; 0 is no limit. */
  readonly loginDeadline: number;
}

/** Requests that may wait while one of the connection's logins, joins and the like is being handled. */
const MAX_WAITING_REQUESTS = 256;
/** Frames over the rate limit after which the connection is closed; so many of them are forgotten in a second. */
const REFUSALS = { burst: 1000, rate: 10 };
/** How long a closing connection may take before it is cut off, ms. */
const CLOSE_GRACE_MS = 2000;

/** Answers a request. The promise that it returns holds the connection's later requests back until it settles. */
export type Handle = (connection: Connection, request: Request) => Promise<void> | undefined;

/** What connections are made with. */
export interface ConnectionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ConnectionLimits;
  readonly handle: Handle;
  readonly deliveries: DeliveryCount;
}

/** One live WebSocket: it decodes frames, keeps them in order and carries at most one user. */
export class Connection {
  state: "open" | "closing" | "closed" = "open";
  user?: User;
  /** On a wire whose address does not name the application it is set by the first request. */
  application?: Application;
  readonly passwordTries: PasswordTries;
  /** Rooms that its users have made and that have not closed. */
  readonly roomsMade = new Set<Room>();
  readonly #rate: TokenBucket;
  /** Frames over the rate that it may send before it is closed. */
  readonly #refusals: TokenBucket;
  readonly #decoder: Decoder;
  readonly #waiting = new Queue<Request>();
  #busy = false;
  #cancelCutOff?: () => void;
  readonly #outboxCheck = new OutboxCheck();

  constructor(
    readonly id: string,
    readonly codec: Codec,
    private readonly socket: Socket,
    private readonly deps: ConnectionDeps,
  ) {
    this.#decoder = codec.decoder();
    this.#rate = new TokenBucket(deps.clock, () => deps.limits);
    this.#refusals = new TokenBucket(deps.clock, () => REFUSALS);
    this.passwordTries = new PasswordTries(deps.clock);
  }

  /** Handles one frame of the client. Whatever is wrong with it is answered; the connection stays. */
  receive(frame: string | Uint8Array): void {
    if (this.state !== "open") return;
    try {
      const request = this.#decode(frame);
      if (request) this.#enqueue(request);
    } catch (error) {
      this.fail(error instanceof FrameError ? error : undefined, error);
    }
  }

  /** Sends a frame as it is; closes a connection whose client does not keep up. */
  send(frame: string): void {
    if (this.state !== "open") return;
    this.socket.send(frame);
    this.deps.deliveries.add(frame.length);
    if (this.#outboxCheck.isDue(frame.length)) this.checkOutbox();
  }

  /** Closes the connection if too much waits for its client. */
  checkOutbox(): void {
    if (this.state === "open" && this.socket.buffered > this.deps.limits.outbox) this.close("slow_client");
  }

  /** Puts the connection into a group of those that get the same frames. */
  joinGroup(group: Group): void {
    if (this.state === "open") group.add(this.socket);
  }

  /** Takes the connection out of a group. */
  leaveGroup(group: Group): void {
    group.delete(this.socket);
  }

  /** Sends one event in the connection's wire. */
  sendEvent(event: ServerEvent): void {
    const frame = this.codec.event(event);
    if (frame !== undefined) this.send(frame);
  }

  /** Answers a request that succeeded; `data` is JSON text. */
  reply(request: Request, data?: string): void {
    const frame = this.codec.reply(request, data);
    if (frame !== undefined) this.send(frame);
  }

  /** Answers a request that failed, or a frame that could not be read. An error that is no HotroomError is logged and kept from the client. */
  fail(request: Request | FrameError | undefined, error: unknown): void {
    const data = this.#errorData(error);
    const frame = this.codec.fail(request ?? new FrameError("bad_frame", data.message), data);
    if (frame !== undefined) this.send(frame);
  }

  /** Closes the connection with a code of the table; `reason` replaces the code's meaning. */
  close(name: CloseName, reason: string = closeCodes[name].meaning): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.socket.close(closeCodes[name].code, reason);
    // Its user goes now, not when the client has answered the close.
    this.#disconnect();
    this.#cancelCutOff = this.deps.clock.after(CLOSE_GRACE_MS, () => this.socket.terminate());
  }

  /** Called once when the socket is gone. */
  closed(): void {
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.#cancelCutOff?.();
    if (wasOpen) this.#disconnect();
  }

  #disconnect(): void {
    this.#waiting.clear();
    void this.application?.disconnected(this);
  }

  #errorData(error: unknown): ErrorData {
    if (error instanceof FrameError) return { code: error.code, message: error.message };
    if (error instanceof HotroomError && isErrorCode(error.code))
      return { code: error.code, message: error.message, data: error.data };
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.deps.log("error", `Cannot handle a frame: ${text}`);
    return { code: "internal", message: "Cannot handle the frame: the server failed." };
  }

  #decode(frame: string | Uint8Array): Request | undefined {
    const allowed = this.#rate.take();
    if (!allowed && !this.#refusals.take()) {
      this.close("rate_abuse");
      return undefined;
    }
    const request = this.#decoder.decode(this.#textOf(frame), this.deps.limits.frame);
    if (allowed) return request;
    const { rate, burst } = this.deps.limits;
    const message = `Cannot handle the frame: more than ${rate} a second (${burst} at once) came.`;
    this.fail(request, new HotroomError("rate_limited", message));
    return undefined;
  }

  #textOf(frame: string | Uint8Array): string {
    if (typeof frame === "string") return frame;
    if (this.codec.binary) return textOf(frame, this.deps.limits.frame);
    throw unreadable("it is binary, and this protocol is text");
  }

  /** Handles a request, after those that came before it. */
  #enqueue(request: Request): void {
    if (!this.#busy) return this.#handle(request);
    if (this.#waiting.length < MAX_WAITING_REQUESTS) {
      this.#waiting.push(request);
      return;
    }
    this.fail(
      request,
      new HotroomError("busy", `Cannot handle the frame: ${MAX_WAITING_REQUESTS} wait before it.`),
    );
  }

  #handle(request: Request): void {
    let pending: Promise<void> | undefined;
    try {
      pending = this.deps.handle(this, request);
    } catch (error) {
      this.fail(request, error);
    }
    if (!pending) return;
    this.#busy = true;
    pending
      .catch((error) => this.fail(request, error))
      .finally(() => {
        this.#busy = false;
        while (!this.#busy && this.#waiting.length > 0) this.#handle(this.#waiting.shift() as Request);
      });
  }
}
