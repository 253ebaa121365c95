import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Returns a request of `node:http` as the web has it; throws TypeError if its method, address or headers are not valid there. */
export function webRequest(incoming: IncomingMessage): Request {
  const { method = "GET", rawHeaders, url = "/" } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  const address = url.startsWith("/") ? `http://${headers.get("host") ?? "localhost"}${url}` : url;
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers });
  const body = Readable.toWeb(incoming) as unknown as BodyInit;
  return new Request(address, { method, headers, body, duplex: "half" } as RequestInit);
}

/** Writes a response; resolves when it is on its way, or its client has gone. */
export async function respond(outgoing: ServerResponse, response: Response): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const body = Readable.fromWeb(response.body as unknown as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(body, outgoing).catch(() => {}); // The client has gone, and both are destroyed.
}
