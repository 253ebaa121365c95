import { isIP } from "node:net";
import { systemResolve } from "./addresses.ts";
import { bare, exchange } from "./exchange.ts";
import { encodings, readBody } from "./response_body.ts";

/** What a server has answered. */
export interface Got {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks an address by GET, follows nothing, and resolves with the answer; of any but 200 without its text. Rejects with FetchError, also
 * where there is more than any answer needs, or with the signal's reason.
 */
export async function get(
  url: URL,
  given: Iterable<readonly [name: string, value: string]>,
  signal: AbortSignal,
): Promise<Got> {
  const host = bare(url.hostname);
  const family = isIP(host);
  const addresses = family > 0 ? [{ address: host, family }] : await systemResolve(host);
  const headers = new Map([...given, ["accept-encoding", encodings] as const]);
  const response = await exchange({ url, method: "GET", headers, body: undefined }, { addresses, signal });
  const { statusCode: status = 0 } = response;
  if (status === 200) return { status, text: new TextDecoder().decode(await readBody(response, signal)) };
  response.destroy();
  return { status, text: "" };
}
