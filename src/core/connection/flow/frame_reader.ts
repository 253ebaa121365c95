import type { WireFrame } from "../../../protocol/bytes.ts";
import { type Codec, type Decoder, FrameError, type Request } from "../../../protocol/codec.ts";
import type { HotroomError } from "../../errors.ts";
import { TokenBucket } from "../../limit/token_bucket.ts";
import type { Clock } from "../../ports/clock.ts";
import { REFUSALS, type Session } from "../../session/session.ts";
import {
  type ConnectionLimits,
  InboundRate,
  LARGE_FRAME_UNITS,
  MOST_REFUSED_BYTES,
  type Strangers,
} from "../inbound_rate.ts";

/** Frames that a login counts for: a script is asked. */
const LOGIN_FRAMES = 2;
/** Units for each of which a frame that can't be read counts once more: the longest time takes what is nested without an end. */
const BAD_FRAME_UNITS = 1024;
/** Units for each of which a frame that is over the rate is refused once more. */
const REFUSED_UNITS = 64 * 1024;

/** What it needs of what connections are made with. */
interface FrameReaderDeps {
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  readonly strangers: Strangers;
}

/** Makes requests of the frames of one client, and counts what it sends. */
export class FrameReader {
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  readonly #rate: InboundRate;
  readonly #strangers: Strangers;
  /** Frames over the rate that it may send before it is closed. */
  readonly #refusals: TokenBucket;

  constructor(codec: Codec, { clock, limits, strangers }: FrameReaderDeps) {
    this.#codec = codec;
    this.#decoder = codec.decoder();
    this.#rate = new InboundRate(clock, limits, strangers.units);
    this.#strangers = strangers;
    this.#refusals = new TokenBucket(clock, REFUSALS);
  }

  /** How long ago the last frame came, ms; undefined where none has, or frames have no limit. */
  get silence(): number | undefined {
    return this.#rate.silence;
  }

  /** Counts a frame of so many units; returns why it is refused where it is over the rate. `isStranger`: there is no user. */
  take(units: number, isStranger: boolean): HotroomError | undefined {
    return this.#rate.take(units, isStranger);
  }

  /** Reads a frame; throws FrameError where it can't be read. One that `isRefused` is read as far as its answer needs it. */
  read(frame: WireFrame, isStranger: boolean, isRefused: boolean): Request {
    const most = this.#rate.mostBytes(isStranger, isRefused);
    let request: Request;
    try {
      if (frame.length <= LARGE_FRAME_UNITS) request = this.#decode(frame, most);
      else request = this.#rate.reading(isStranger, () => this.#decode(frame, most));
    } catch (error) {
      if (error instanceof FrameError && error.code === "bad_frame")
        this.#rate.spend(Math.floor(frame.length / BAD_FRAME_UNITS));
      throw error;
    }
    if (request.event === "login") this.#rate.spend(LOGIN_FRAMES - 1);
    return request;
  }

  /** Takes of the refusals that are left: one, and one more for each 64 KB; of those that strangers have together one more for each KB. */
  mayBeRefused(units: number, isStranger: boolean, session: Session | undefined): boolean {
    const own = 1 + Math.floor(units / REFUSED_UNITS);
    if (session) return session.refusals.take(own);
    const count = 1 + Math.floor(units / MOST_REFUSED_BYTES);
    return (!isStranger || this.#strangers.refusals.take(count)) && this.#refusals.take(own);
  }

  #decode(frame: WireFrame, most: number): Request {
    return typeof frame === "string"
      ? this.#decoder.decode(frame, most)
      : this.#codec.decodeBinary(frame, most);
  }
}
