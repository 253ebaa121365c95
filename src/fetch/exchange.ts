import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { messageOf } from "../core/errors.ts";
import type { Address } from "./addresses.ts";
import { FetchError } from "./fetch_error.ts";

/** Bytes of all headers of an answer. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Answers that may come before the one that counts. */
const MAX_INTERIM = 16;
/** Bytes that may come over the wire for one answer, whatever is left of them; how often that is looked at, ms. */
const MAX_WIRE_BYTES = 8 * 1024 * 1024;
const LOOK_MS = 100;

/** One request to one server. */
export interface Message {
  readonly url: URL;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
}

/** What a connection is made with. */
export interface Connecting {
  /** Where the host is; nothing else is asked for that. */
  readonly addresses: readonly Address[];
  /** Certificates that are trusted besides those of the system, in the place of theirs. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends a request over a connection of its own to one of the given addresses; resolves with the answer once its headers are there.
 * Rejects with FetchError, or with the signal's reason.
 */
export function exchange(message: Message, { addresses, ca, signal }: Connecting): Promise<IncomingMessage> {
  const { url, method, headers, body } = message;
  const pinned: LookupFunction = (_, options, callback) => {
    if (options.all) return callback(null, addresses as Address[]);
    const [first] = addresses;
    callback(null, first?.address ?? "", first?.family);
  };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const isSecure = url.protocol === "https:";
    const options = { method, agent: false as const, lookup: pinned, maxHeaderSize: MAX_HEADER_BYTES };
    const sending = isSecure
      ? requestHttps(url, { ...options, ...(ca && { ca }) })
      : requestHttp(url, options);
    const fail = (error: unknown) => {
      // First of all: to destroy it tells of another error.
      reject(error);
      sending.destroy();
    };
    let interim = 0;
    sending.on("information", () => {
      if (++interim > MAX_INTERIM)
        fail(new FetchError("too_large", "Too many answers come before the answer."));
    });
    sending.on("upgrade", (_, socket) => {
      socket.destroy();
      fail(new FetchError("unreachable", "The server wants to speak another protocol."));
    });
    sending.on("response", (response) => {
      // Who reads it listens as well.
      response.on("error", () => {});
      resolve(response);
    });
    sending.on("error", (error) => fail(errorOf(error)));
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    watchWire(sending, fail);
    for (const [name, value] of headers) sending.setHeader(name, value);
    if (isIP(bare(url.hostname)) > 0 || addresses.length > 0) sending.end(body);
    else fail(new FetchError("unreachable", "The host has no address."));
  });
}

/** Returns a host as an address is written: without the brackets of IPv6. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Ends a request for which more comes over the wire than any answer needs. */
function watchWire(sending: ClientRequest, fail: (error: FetchError) => void): void {
  const timer = setInterval(() => {
    if ((sending.socket?.bytesRead ?? 0) <= MAX_WIRE_BYTES) return;
    const error = new FetchError("too_large", `The answer takes more than ${MAX_WIRE_BYTES} bytes.`);
    sending.destroy(error);
    fail(error);
  }, LOOK_MS);
  sending.on("close", () => clearInterval(timer));
}

function errorOf(error: NodeJS.ErrnoException): FetchError {
  if (error instanceof FetchError) return error;
  if (error.code === "HPE_HEADER_OVERFLOW")
    return new FetchError("too_large", `The headers of the answer have more than ${MAX_HEADER_BYTES} bytes.`);
  return new FetchError("unreachable", `The server can't be asked: ${error.code ?? messageOf(error)}.`);
}
