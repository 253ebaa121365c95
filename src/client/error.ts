import type { ErrorCode } from "../protocol/codes.ts";

/**
 * Why the client itself gives up, beside the server's codes: there was no reply in time; the connection is closed; it could
 * not be opened; the data can't be written as JSON; the server sent a frame that is not one of this protocol; too many frames wait
 * to be sent; the answer was lost while the client was away.
 */
export type LocalCode =
  | "timeout"
  | "closed"
  | "connect_failed"
  | "unsendable"
  | "bad_frame"
  | "queue_full"
  | "reset";

/** What every rejection of the SDK is, unless an AbortSignal gave a reason of its own. */
export class HotroomClientError extends Error {
  override readonly name = "HotroomClientError";
  constructor(
    /** A code of docs/PROTOCOL.md, a `LocalCode`, or one of a newer server. */
    readonly code: ErrorCode | LocalCode | (string & {}),
    /** `Cannot join room "lobby": it is full (2 of 2).` */
    message: string,
    options?: ErrorOptions & { room?: string; data?: unknown },
  ) {
    super(message, options);
    this.room = options?.room;
    this.data = options?.data;
  }

  /** The room that the error is about, where it is about one. */
  readonly room: string | undefined;

  /** What the script has given `refuse` besides its reason, where it has. */
  readonly data: unknown;
}

/** Makes the error of what can't be done since the connection has ended; `closed` says how. */
export function closedError(
  what: string,
  closed: { code: number; reason: string } | undefined,
): HotroomClientError {
  const how = closed ? ` (${closed.code}${closed.reason ? ` ${closed.reason}` : ""})` : "";
  return new HotroomClientError("closed", `Cannot ${what}: the connection is closed${how}.`);
}
