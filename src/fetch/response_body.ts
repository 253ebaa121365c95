import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { FetchError } from "./fetch_error.ts";

/** Bytes of a body, as they come and once they are decoded. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Pieces in which a body may come: each costs something, however small it is. */
const MAX_PIECES = 32 * 1024;

/** Encodings that are taken, as a request says. */
export const encodings = "gzip, deflate, br";

/** Resolves with the body of a response, decoded. Rejects with FetchError where it is too large, or breaks off. */
export function readBody(response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      // First of all: to destroy them tells of another error.
      reject(error);
      response.destroy();
      decoder?.destroy();
    };
    const decoder = decoderOf(response.headers["content-encoding"]);
    if (decoder === null)
      return fail(new FetchError("unreachable", "The answer is encoded in an unknown way."));
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    response.on("error", () => fail(new FetchError("unreachable", "The answer broke off.")));
    response.on("aborted", () => fail(new FetchError("unreachable", "The answer broke off.")));
    decoder?.on("error", () => fail(new FetchError("unreachable", "The answer can't be decoded.")));
    if (decoder) count(response, fail);
    const chunks = count(decoder ?? response, fail);
    (decoder ?? response).on("end", () => resolve(Buffer.concat(chunks)));
    if (decoder) response.pipe(decoder);
  });
}

/** Collects what a stream gives, and fails where that is too much. */
function count(stream: Readable, fail: (error: FetchError) => void): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let pieces = 0;
  stream.on("data", (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      return fail(new FetchError("too_large", `The answer has more than ${MAX_BODY_BYTES} bytes.`));
    if (++pieces > MAX_PIECES)
      return fail(new FetchError("too_large", "The answer comes in too many pieces."));
    chunks.push(chunk);
  });
  return chunks;
}

/** Returns what decodes an encoding; undefined where there is none, null where it is unknown. */
function decoderOf(encoding = "identity") {
  switch (encoding.trim().toLowerCase()) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return null;
  }
}
