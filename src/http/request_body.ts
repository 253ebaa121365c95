import { HotroomError } from "../core/errors.ts";

/** Bytes of a body where nothing else is said; more is 413. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** How long a body may take, ms. */
const BODY_MS = 30_000;

/**
 * Resolves with the body of a request; undefined where it has none. Where it rejects, the answer has to end the connection: of the body
 * there may be more to come. `take` is told of its bytes before they are kept, and may throw.
 * Rejects with what that throws, or with HotroomError: `too_large` as soon as it is known, `timeout`, `gone` where the client is.
 */
export async function readBody(
  request: Request,
  take: (bytes: number) => void,
  ms: number = BODY_MS,
  most: number = MAX_BODY_BYTES,
): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge(most);
  const reader = request.body?.getReader();
  if (!reader) return undefined;
  const given = Promise.withResolvers<never>();
  const late = setTimeout(() => given.reject(timeout(ms)), ms);
  const left = () => given.reject(gone());
  request.signal.addEventListener("abort", left);
  try {
    return await Promise.race([readAll(reader, take, most), given.promise]);
  } catch (error) {
    // Not cancelled: Deno would read all that the client still sends (docs/decisions/0008-sockets-of-deno.md).
    reader.releaseLock();
    throw error instanceof HotroomError ? error : gone();
  } finally {
    clearTimeout(late);
    request.signal.removeEventListener("abort", left);
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  take: (bytes: number) => void,
  most: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const { value } = next;
    size += value.byteLength;
    if (size > most) throw tooLarge(most);
    take(value.byteLength);
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(most: number): HotroomError {
  const message = `Cannot take the request: its body has more than ${most} bytes.`;
  return new HotroomError("too_large", message);
}

function timeout(ms: number): HotroomError {
  return new HotroomError("timeout", `Cannot take the request: its body took longer than ${ms} ms.`);
}

function gone(): HotroomError {
  return new HotroomError("gone", "Cannot take the request: its client has gone.");
}
