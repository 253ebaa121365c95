import { Buffer } from "node:buffer";
import { request } from "node:http";

/** Where a running server's admin API is. */
export interface AdminAddress {
  /** `http://127.0.0.1:8080` or `unix:/run/hotroom/hotroom.sock`, without a slash at its end. */
  readonly url: string;
  readonly token?: string;
}

/** What is asked of the API. */
export interface AdminRequest {
  readonly method: string;
  /** Behind the server's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What it answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

/** Bytes of an answer through a unix socket that are read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What addresses of unix sockets begin with; their path is the rest. */
const UNIX = "unix:";

/** Asks the server at an address, a unix socket too; rejects where it can't be reached. */
export async function reach(url: string, asked: AdminRequest): Promise<AdminAnswer> {
  if (url.startsWith(UNIX)) return reachSocket(url.slice(UNIX.length), asked);
  const { method, path, headers, body } = asked;
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}

/** `fetch` knows sockets on neither runtime in the same way. */
function reachSocket(
  socketPath: string,
  { method, path, headers, body }: AdminRequest,
): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, headers: { ...headers, host: "localhost" } });
    asking.on("error", reject);
    asking.on("response", (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) asking.destroy(new Error(`its answer has more than ${MOST_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asking.end(body);
  });
}
