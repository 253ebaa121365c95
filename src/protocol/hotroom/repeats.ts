import type { Decoder, Request } from "../codec.ts";
import { DEFAULT_FRAME_BYTES, intricacy, isLongerThan, unsoundness } from "../frame.ts";

/** The key `seen` at the end of a frame, with a number that is exact. */
const lastSeen = /,"seen":(0|[1-9]\d{0,14})\}$/;
/** The longest of these, UTF-16 units. */
const MAX_SEEN_UNITS = 24;

/**
 * Decodes the frames of one connection, which mostly say the same kind of thing again: a message that begins, up to its
 * data, as the one before is read from there on. That is faster (docs/decisions/0007-speed.md), and the room and the type are
 * the very strings of the request before, which saves hashing them. Every other frame is left to the codec, and so are
 * errors: the results are the same.
 */
export class Repeats implements Decoder {
  /** How the next message begins, up to the value of its data, where it is like the last one without an id. */
  #head: string | undefined;
  #room: string | undefined;
  #type: string | undefined;

  constructor(private readonly codec: Decoder) {}

  decode(frame: string, limit = DEFAULT_FRAME_BYTES): Request {
    const head = this.#head;
    if (head !== undefined && frame.startsWith(head) && !isLongerThan(frame, limit)) {
      const again = this.#again(frame, head.length);
      if (again) return again;
    }
    const request = this.codec.decode(frame, limit);
    if (request.event === "message" && request.id === undefined) this.#remember(request);
    return request;
  }

  /**
   * Reads a frame that begins with the head; returns undefined where it is not a message like the last one. The head is the
   * JSON text of an object up to the value of its last key, `data`: where one value and a brace follow, the frame is that
   * object and has no other keys.
   */
  #again(frame: string, start: number): Request | undefined {
    if (!frame.endsWith("}") || intricacy(frame) !== undefined) return undefined;
    // A last key that is not in the data: behind that a brace would stand before the object's own.
    const last = endsWithNumber(frame) ? lastSeen.exec(frame.slice(-MAX_SEEN_UNITS)) : null;
    let data: unknown;
    try {
      data = JSON.parse(frame.slice(start, last ? -last[0].length : -1));
    } catch {
      return undefined;
    }
    if (unsoundness(data, 1) !== undefined) return undefined;
    const request: Request = {
      event: "message",
      id: undefined,
      room: this.#room,
      type: this.#type,
      data,
      place: undefined,
    };
    return last ? { ...request, seen: Number(last[1]) } : request;
  }

  /**
   * Names need no escapes, so there is one way to write a head without spaces, and most clients write it so. It is made at
   * the second such message, since to make it costs as much as it saves.
   */
  #remember({ room, type }: Request): void {
    if (room === this.#room && type === this.#type) {
      const where = room === undefined ? "" : `,"room":"${room}"`;
      this.#head ??= `{"event":"message"${where},"type":"${type}","data":`;
      return;
    }
    this.#head = undefined;
    this.#room = room;
    this.#type = type;
  }
}

/** Returns true if a digit stands before the frame's last brace. */
function endsWithNumber(frame: string): boolean {
  const unit = frame.charCodeAt(frame.length - 2);
  return unit >= 0x30 && unit <= 0x39;
}
