import type { WireFrame } from "../../protocol/bytes.ts";
import { type Codec, type ErrorData, FrameError, type Request } from "../../protocol/codec.ts";
import { type CloseName, closeCodes, isErrorCode } from "../../protocol/codes.ts";
import type { Application } from "../application/application.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import { HotroomError } from "../errors.ts";
import { ANSWER } from "../history/backlog.ts";
import { OutboxCheck } from "../limit/outbox_check.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Group, Socket } from "../ports/socket.ts";
import { LateFrames } from "../relay/late_frames.ts";
import type { Room } from "../room/room.ts";
import type { SessionFrame } from "../session/kept_user.ts";
import type { Session } from "../session/session.ts";
import type { User } from "../user/user.ts";
import type { Tracing } from "../trace/tracing.ts";
import type { AllOutboxes } from "./flow/all_outboxes.ts";
import { FrameReader } from "./flow/frame_reader.ts";
import { TakenFrames } from "./flow/taken_frames.ts";
import type { ConnectionLimits, Strangers } from "./inbound_rate.ts";
import { nobody, type Peer } from "./peer.ts";
import { PasswordTries } from "./password_tries.ts";
import { MAX_WAITING_REQUESTS, RequestQueue } from "./request_queue.ts";

const BUSY = `Cannot handle the frame: ${MAX_WAITING_REQUESTS} wait before it.`;
/** What a client closes with that leaves for good. */
const LEFT = 1000;
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
  readonly strangers: Strangers;
  readonly outboxes: AllOutboxes;
  /** Follows events; absent where none is followed. */
  readonly tracing?: Tracing;
}

/** One live WebSocket: it decodes frames, keeps them in order and carries at most one user. */
export class Connection {
  state: "open" | "closing" | "closed" = "open";
  /** When it opened, ms since the epoch. */
  readonly since: number;
  user?: User;
  /** Of its user. */
  session?: Session | undefined;
  /** On a wire whose address does not name the application it is set by the first request. */
  application?: Application;
  readonly passwordTries: PasswordTries;
  /** Rooms that its users have made and that have not closed. */
  roomsMade = new Set<Room>();
  readonly #reader: FrameReader;
  /** Its requests in their order; with a session, that one's. */
  requests: RequestQueue<Connection>;
  readonly #taken = new TakenFrames();
  #hasGuessed = false;
  #cancelCutOff?: () => void;
  readonly #outboxCheck = new OutboxCheck();
  #late: LateFrames | undefined;

  constructor(
    /** In the order in which a server's connections were accepted. */
    readonly number: number,
    readonly codec: Codec,
    /** Another one takes its place while its network is bad. */
    public socket: Socket,
    private readonly deps: ConnectionDeps,
    readonly peer: Peer = nobody,
  ) {
    this.since = deps.clock.now();
    this.requests = new RequestQueue(deps.handle);
    this.#reader = new FrameReader(codec, deps);
    this.passwordTries = new PasswordTries(deps.clock);
  }

  get id(): string {
    return `c${this.number}`;
  }

  /** Handles one frame of the client. Whatever is wrong with it is answered; the connection stays. */
  receive(frame: WireFrame): void {
    if (this.state !== "open") return;
    try {
      const request = this.#decode(frame);
      if (!request) return;
      this.deps.tracing?.frame(request, this);
      if (!this.requests.add(this, request)) this.fail(request, new HotroomError("busy", BUSY));
    } catch (error) {
      this.fail(error instanceof FrameError ? error : undefined, error);
    }
  }

  /** Returns how many frames that count for a session have come since a login or resume did. */
  takenSince(request: Request): number {
    return this.#taken.since(request);
  }

  /** Carries a session from now on, whose next frames are those that have come since the login or resume that it was asked for with. */
  carry(session: Session, request: Request): void {
    session.received += this.takenSince(request);
    this.#taken.follow(session.received);
    this.session = session;
  }

  /** Returns which frame of its session a request was; undefined where that need not be known. */
  frameOf(request: Request): SessionFrame | undefined {
    const number = this.#taken.numberOf(request);
    return number === undefined ? undefined : this.session?.frame(number);
  }

  /**
   * Notes that the client has given a secret of no session, or a token that is not valid. The first may be of one that has ended; who gives more is
   * guessing, and is closed where others have guessed as well.
   */
  guessed(): void {
    if (this.#hasGuessed && !this.deps.strangers.guesses.take())
      this.close("rate_abuse", "Too many secrets or tokens came that are not valid.");
    this.#hasGuessed = true;
  }

  /** How long ago its last frame came, ms; undefined where none has, or frames have no limit. */
  get silence(): number | undefined {
    return this.#reader.silence;
  }

  /** Bytes that wait for its client. */
  get buffered(): number {
    return this.socket.buffered;
  }

  /** Bytes that may wait for its client. */
  get outbox(): number {
    return this.deps.limits.outbox;
  }

  /** Sends a frame as it is; closes a connection whose client does not keep up. */
  send(frame: WireFrame): void {
    if (this.give(frame)) this.checkOutbox();
  }

  /**
   * Sends a frame as it is that others get, too; returns true where `checkOutbox` is due, once all have been sent it: they are told of who is
   * closed, and that must not overtake it.
   */
  give(frame: WireFrame): boolean {
    if (this.state !== "open") return false;
    this.socket.send(frame);
    this.deps.deliveries.add(frame.length);
    return this.#outboxCheck.isDue(frame.length);
  }

  /** Closes the connection if too much waits for its client, or for all clients together and most of it for this one. */
  checkOutbox(): void {
    if (this.state !== "open") return;
    const { buffered } = this.socket;
    if (buffered > this.deps.limits.outbox) this.close("slow_client");
    else this.deps.outboxes.note(this, buffered);
  }

  /** What waits for its client where that does not keep up. */
  get late(): LateFrames {
    this.#late ??= new LateFrames(this, this.deps.clock);
    return this.#late;
  }

  /** Sends a frame to all others of a group. */
  sendToOthers(group: Group, frame: WireFrame): void {
    group.send(frame, this.socket);
  }

  /** Puts the connection into a group of those that get the same frames. */
  joinGroup(group: Group): void {
    if (this.state === "open") group.add(this.socket);
  }

  /** Takes the connection out of a group. */
  leaveGroup(group: Group): void {
    group.delete(this.socket);
  }

  /** Answers a request that succeeded, and was made in `session`; `data` is JSON text, or bytes as text. */
  reply(request: Request, data?: string, session = this.session): void {
    this.#answer(request, session, (seq) => this.codec.reply(request, data, seq));
  }

  /** Answers a request that failed, or a frame that could not be read. Of an error that is no HotroomError the client hears nothing. */
  fail(request: Request | FrameError | undefined, error: unknown, session = this.session): void {
    const data = this.#errorData(error);
    const failed = request ?? new FrameError("bad_frame", data.message);
    this.deps.tracing?.refused(failed, data.code);
    this.#answer(failed, session, (seq) => this.codec.fail(failed, data, seq));
  }

  /** Closes the connection with a code of the table; `reason` replaces the code's meaning. */
  close(name: CloseName, reason: string = closeCodes[name].meaning): void {
    if (this.state !== "open") return;
    this.state = "closing";
    const { code, reconnect } = closeCodes[name];
    this.#closeSocket(code, reason);
    // Its user goes now, not when the client has answered the close.
    this.#disconnect(reconnect);
  }

  /** Loses it as a network does: nobody is told why. */
  drop(): void {
    this.socket.terminate();
  }

  /** Called once when the socket is gone. */
  closed(code: number): void {
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.#cancelCutOff?.();
    this.deps.outboxes.forget(this);
    if (wasOpen) this.#disconnect(code !== LEFT);
  }

  /** Hands its user over to another connection of the same client, and closes. */
  replace(): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.application?.connections.delete(this);
    this.#closeSocket(closeCodes.session_replaced.code, closeCodes.session_replaced.meaning);
  }

  /** `mayReturn` says whether its user may come back. */
  #disconnect(mayReturn: boolean): void {
    // A session's requests are its own.
    if (!this.session) this.requests.clear();
    void this.application?.disconnected(this, mayReturn);
  }

  #closeSocket(code: number, reason: string): void {
    this.deps.outboxes.forget(this);
    this.socket.close(code, reason);
    this.#cancelCutOff = this.deps.clock.after(CLOSE_GRACE_MS, () => this.socket.terminate());
  }

  /** Sends an answer: with a number and kept, where a session gets it; over this connection, else. */
  #answer(
    to: Request | FrameError,
    session: Session | undefined,
    make: (seq?: number) => WireFrame | undefined,
  ): void {
    this.handled(to, session);
    const isUnnumbered = !session || session.isOver || (isEntry(to) && to.id !== undefined);
    const number = isUnnumbered ? undefined : session.user.backlog?.numbers.next();
    const frame = make(number);
    if (frame === undefined) return;
    if (isUnnumbered) this.send(frame);
    else session.user.sendFrame(frame, number, ANSWER);
  }

  /** Notes that a frame is handled, whether it is answered or not; one that can't be read is as it comes. */
  handled(to: Request | FrameError, session = this.session): void {
    if (!session?.isKept) return;
    const number = this.#taken.numberOf(to);
    if (number !== undefined) session.hasAnswered(number);
  }

  #errorData(error: unknown): ErrorData {
    if (error instanceof FrameError) return { code: error.code, message: error.message };
    if (error instanceof HotroomError && isErrorCode(error.code))
      return { code: error.code, message: error.message, data: error.data };
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.deps.log("error", `Cannot handle a frame: ${text}`);
    return { code: "internal", message: "Cannot handle the frame: the server failed." };
  }

  #decode(frame: WireFrame): Request | undefined {
    const isStranger = this.user === undefined;
    const refusal = this.#reader.take(frame.length, isStranger);
    if (refusal && !this.#reader.mayBeRefused(frame.length, isStranger, this.session)) {
      this.close("rate_abuse");
      return undefined;
    }
    let request: Request;
    try {
      request = this.#reader.read(frame, isStranger, refusal !== undefined);
    } catch (error) {
      this.#count();
      if (!refusal || !(error instanceof FrameError) || error.code !== "too_large") throw error;
      this.fail(error, refusal);
      return undefined;
    }
    if (!isEntry(request)) this.#count(request);
    else if (!refusal && request.event !== "ping") this.#taken.enter(request);
    this.#heard(request);
    if (!refusal) return request;
    this.fail(request, refusal);
    return undefined;
  }

  #count(request?: Request): void {
    this.#taken.count();
    if (this.session) this.session.received++;
    if (request && this.application?.sessions.durable) this.#taken.place(request);
  }

  /** Notes what a frame says of its session, whatever becomes of it. */
  #heard({ seen }: Request): void {
    const { session } = this;
    if (!session) return;
    if (!session.isSettled) this.application?.sessions.confirm(session);
    if (seen !== undefined) session.user.backlog?.see(seen);
  }
}

/** Returns true for what begins a session, or is about none: it has no number, and is not counted. */
function isEntry(to: Request | FrameError): boolean {
  if (to instanceof FrameError) return false;
  return to.event === "login" || to.event === "reconnect" || to.event === "ping" || to.event === "edits";
}
