import { FrameError, type Request } from "../../../protocol/codec.ts";

/** Which of a connection's frames count for the session that it carries, and which of that one's frames a request was. */
export class TakenFrames {
  /** Frames that came but for logins, resumes and pings. */
  #taken = 0;
  /** How many had come before a login or resume. */
  readonly #takenBefore = new WeakMap<Request, number>();
  /** What makes that its number in the session. */
  #offset = 0;

  /** Counts a frame. */
  count(): void {
    this.#taken++;
  }

  /** Notes that the frame that was counted last was a request of which that will be asked. */
  place(request: Request): void {
    request.place = this.#taken;
  }

  /** Notes how many had come before a login or resume. */
  enter(request: Request): void {
    this.#takenBefore.set(request, this.#taken);
  }

  /** Returns how many have come since a login or resume did. */
  since(request: Request): number {
    return this.#taken - (this.#takenBefore.get(request) ?? this.#taken);
  }

  /** Numbers them from now on as those of a session that has got `received`. */
  follow(received: number): void {
    this.#offset = received - this.#taken;
  }

  /** Returns which frame of the session a request was, or a frame that can't be read, which is the last; undefined where that need not be known. */
  numberOf(to: Request | FrameError): number | undefined {
    const place = to instanceof FrameError ? this.#taken : to.place;
    return place === undefined ? undefined : place + this.#offset;
  }
}
