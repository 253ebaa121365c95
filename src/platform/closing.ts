import { Buffer } from "node:buffer";

/** Close code for a message over the limit (RFC 6455, 7.4.1). */
export const TOO_BIG = 1009;
/** Close code for a failure on this side (RFC 6455, 7.4.1). */
export const FAILED = 1011;
/** What a handler is told where the peer's close frame had no code; never sent. */
export const NO_CODE = 1005;
/** What a handler is told where there was no closing handshake; never sent. */
export const ABNORMAL = 1006;

/** A close frame's reason fits in 125 bytes with the two of its code. */
const REASON_BYTES = 123;

/** Returns `code` if RFC 6455 allows an endpoint to send it; throws RangeError otherwise. */
export function sendableCode(code: number): number {
  const reserved = code === 1004 || code === NO_CODE || code === ABNORMAL;
  const known = code >= 1000 && code <= 1014 && !reserved;
  if (known || (Number.isInteger(code) && code >= 3000 && code <= 4999)) return code;
  throw new RangeError(`Cannot close a socket with code ${code}: it is not one that may be sent.`);
}

/** Returns as much of a reason as a close frame holds, in whole characters; a lone surrogate becomes U+FFFD. */
export function closeReason(reason: string): string {
  const whole = reason.toWellFormed();
  if (Buffer.byteLength(whole) <= REASON_BYTES) return whole;
  let kept = "";
  let bytes = 0;
  for (const character of whole) {
    bytes += Buffer.byteLength(character);
    if (bytes > REASON_BYTES) break;
    kept += character;
  }
  return kept;
}
