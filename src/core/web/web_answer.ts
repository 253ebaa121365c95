import { isBytes } from "../../protocol/bytes.ts";
import { isObject } from "../../protocol/json_object.ts";
import { HotroomError } from "../errors.ts";
import { headerNamePattern, headerValuePattern } from "../fetch/http_header.ts";
import type { DataText } from "../ports/event.ts";

/** Headers of one answer, and UTF-16 units of them as JSON. */
export const MAX_ANSWER_HEADERS = 100;
export const MAX_ANSWER_HEADER_UNITS = 16 * 1024;

/** Names of headers that no script sets: they are about the connection, which the server keeps, or about more than the application. */
export const ownAnswerHeaderPattern =
  /^(?:connection|content-length|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|clear-site-data|service-worker-allowed|cross-origin-opener-policy|alt-svc|strict-transport-security|public-key-pins.*|expect-ct|nel|report-to|accept-ch|set-login)$/i;

/** What a script answers a request with. */
export interface WebAnswer {
  /** 200 to 599. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Absent where there is none; `type` says what the script gave. Bytes are text as `protocol/bytes.ts` has them. */
  readonly body?: { readonly type: "text" | "json" | "bytes"; readonly text: string };
}

/** Returns true if an answer of this status can't have a body. */
function isEmpty(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/**
 * Returns the answer that a script's result is: `[n,head,body]`, where `n` are the UTF-16 units of the head
 * `{"status","type"?,"headers"}`, so that nobody needs to read JSON that goes on as it is; or bytes, of which the body follows the head
 * behind a zero. Throws HotroomError `handler_failed` where it is none: a guest may send anything.
 */
export function readAnswer(value: DataText | undefined): WebAnswer {
  if (value === undefined) return { status: 204, headers: [] };
  if (isBytes(value)) return readBytes(value);
  const comma = value.indexOf(",");
  const length = Number(value.slice(1, comma));
  if (comma < 0 || !Number.isSafeInteger(length)) throw malformed();
  const end = comma + 1 + length;
  const { status, type, headers } = readHead(value.slice(comma + 1, end));
  if (type === undefined || isEmpty(status)) return { status, headers };
  const raw = value.slice(end + 1, -1);
  if (type === "json") return { status, headers, body: { type, text: raw } };
  const text = parse(raw);
  if (type !== "text" || typeof text !== "string") throw malformed();
  return { status, headers, body: { type, text } };
}

function readBytes(value: DataText): WebAnswer {
  const end = value.indexOf("\0", 1);
  const { status, type, headers } = readHead(value.slice(1, Math.max(end, 1)));
  if (type !== "bytes") throw malformed();
  return isEmpty(status) ? { status, headers } : { status, headers, body: { type, text: value.slice(end) } };
}

function readHead(text: string): { status: number; type: unknown; headers: WebAnswer["headers"] } {
  const head = parse(text);
  if (!isObject(head) || !isStatus(head.status) || !areHeaders(head.headers)) throw malformed();
  const { status, type, headers } = head;
  return { status, type, headers };
}

function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599;
}

function areHeaders(headers: unknown): headers is WebAnswer["headers"] {
  return Array.isArray(headers) && headers.length <= MAX_ANSWER_HEADERS && headers.every(isHeader);
}

function isHeader(pair: unknown): boolean {
  if (!Array.isArray(pair)) return false;
  const [name, value] = pair;
  if (typeof name !== "string" || typeof value !== "string") return false;
  return headerNamePattern.test(name) && headerValuePattern.test(value) && !ownAnswerHeaderPattern.test(name);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function malformed(): HotroomError {
  return new HotroomError("handler_failed", "Cannot answer the request: its handler gave no answer.");
}
