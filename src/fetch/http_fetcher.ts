import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { isListed } from "../core/fetch/url_prefix.ts";
import { type FetchAnswer, type Fetcher, type FetchRequest, unanswered } from "../core/ports/fetcher.ts";
import { intricacy } from "../protocol/frame.ts";
import { type Address, isPublic, type Resolve, systemResolve } from "./addresses.ts";
import { bare, exchange, type Message } from "./exchange.ts";
import { FetchError } from "./fetch_error.ts";
import { encodings, readBody } from "./response_body.ts";

/** Redirects that are followed. */
const MOST_REDIRECTS = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that are about a body. */
const bodyHeaders = ["content-type", "content-encoding", "content-language", "content-location"];
/** Headers that are for the server alone that they were written for. */
const secretHeaders = ["authorization", "cookie"];
/** Types whose text scripts are given as JSON, as `prelude/fetch.js` has it. */
const jsonType = /^\s*(?:application|text)\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** What a fetcher does otherwise than the system. */
export interface HttpFetcherOptions {
  readonly resolve?: Resolve;
  /** Returns true if an address is one that a name may lead to. */
  readonly isPublic?: (address: string) => boolean;
  /** Certificates that are trusted in the place of the system's. */
  readonly ca?: string;
}

/** Asks servers by HTTP: only what is listed, and only public addresses unless one is listed itself. */
export class HttpFetcher implements Fetcher {
  readonly #resolve: Resolve;
  readonly #isPublic: (address: string) => boolean;
  /** Names that are being looked up: each once, however many ask. */
  readonly #lookups = new Map<string, Promise<readonly Address[]>>();

  constructor(private readonly options: HttpFetcherOptions = {}) {
    this.#resolve = options.resolve ?? systemResolve;
    this.#isPublic = options.isPublic ?? isPublic;
  }

  async fetch(request: FetchRequest, allowed: readonly string[], signal: AbortSignal): Promise<FetchAnswer> {
    const end = new AbortController();
    const isSent = { value: false };
    const { timeout } = request;
    const late = new FetchError("timeout", `There is no answer after ${Math.round(timeout)} ms.`);
    const timer = setTimeout(() => end.abort(late), timeout);
    const stop = () => end.abort(new FetchError("unreachable", "Nobody waits for the answer."));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      const response = await this.#follow(messageOf(request), allowed, end.signal, isSent);
      return { ...(await written(response, end.signal)), wasSent: true };
    } catch (error) {
      const { code, message } =
        error instanceof FetchError ? error : new FetchError("unreachable", "The server can't be asked.");
      return unanswered(code, message, isSent.value);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      // Whatever is still open of it.
      end.abort(late);
    }
  }

  /** Asks, and follows where the answer leads. */
  async #follow(
    first: Message,
    allowed: readonly string[],
    signal: AbortSignal,
    isSent: { value: boolean },
  ): Promise<IncomingMessage> {
    let message = first;
    for (let followed = 0; ; followed++) {
      const { url } = message;
      if (!isListed(url, allowed))
        throw new FetchError("not_allowed", `${url.origin} is not listed with that path (setting fetch).`);
      const addresses = await this.#addressesOf(url, signal);
      isSent.value = true;
      const response = await exchange(message, { addresses, ca: this.options.ca, signal });
      const next = redirects.has(response.statusCode ?? 0) ? response.headers.location : undefined;
      if (next === undefined) return response;
      response.destroy();
      if (followed >= MOST_REDIRECTS)
        throw new FetchError("unreachable", `There are more than ${MOST_REDIRECTS} redirects.`);
      if (!URL.canParse(next, url)) throw new FetchError("unreachable", "A redirect leads to no URL.");
      message = redirected(message, response.statusCode ?? 0, new URL(next, url));
    }
  }

  /**
   * Resolves with where a host is. Throws FetchError where a name leads to an address that is not public: who answers for a name may be
   * anybody, while an address that is listed is meant.
   */
  async #addressesOf({ hostname }: URL, signal: AbortSignal): Promise<readonly Address[]> {
    const host = bare(hostname);
    const family = isIP(host);
    if (family > 0) return [{ address: host, family }];
    const addresses = await Promise.race([this.#lookUp(host), aborted(signal)]);
    if (addresses.length === 0) throw new FetchError("unreachable", `${host} has no address.`);
    if (addresses.every(({ address }) => this.#isPublic(address))) return addresses;
    const how = "list the address itself where that is meant";
    throw new FetchError("not_allowed", `${host} leads to an address that is not public: ${how}.`);
  }

  #lookUp(host: string): Promise<readonly Address[]> {
    const known = this.#lookups.get(host);
    if (known) return known;
    const failed = () => Promise.reject(new FetchError("unreachable", `${host} is not known.`));
    const found = this.#resolve(host).catch(failed);
    this.#lookups.set(host, found);
    const done = () => void this.#lookups.delete(host);
    found.then(done, done);
    return found;
  }
}

/** Returns a request as it is sent, with what its script may not say or has not said. Throws FetchError. */
function messageOf({ url, method, headers, body }: FetchRequest): Message {
  if (!URL.canParse(url)) throw new FetchError("not_allowed", "The URL can't be read.");
  const target = new URL(url);
  const all = new Map([["accept", "*/*"], ["user-agent", "hotroom"], ...headers]);
  if (body !== undefined && !all.has("content-type")) all.set("content-type", "text/plain;charset=UTF-8");
  return withOwn({ url: target, method, headers: all, body });
}

/** Returns a request with the headers that say how it travels. */
function withOwn(message: Message): Message {
  const headers = new Map(message.headers).set("accept-encoding", encodings);
  // The API of a server on this machine takes what has come through a proxy for what it is: sent by somebody else.
  const host = bare(message.url.hostname);
  if (isIP(host) > 0 && !isPublic(host)) headers.set("via", "1.1 hotroom");
  return { ...message, headers };
}

/** Returns what is sent to where a redirect leads, as browsers do. */
function redirected({ url, method, headers, body }: Message, status: number, next: URL): Message {
  const kept = new Map(headers);
  kept.delete("via");
  if (next.origin !== url.origin) for (const name of secretHeaders) kept.delete(name);
  const becomesGet = status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
  if (!becomesGet) return withOwn({ url: next, method, headers: kept, body });
  for (const name of bodyHeaders) kept.delete(name);
  return withOwn({ url: next, method: "GET", headers: kept, body: undefined });
}

/** Resolves with a response as it goes to a script. */
async function written(response: IncomingMessage, signal: AbortSignal) {
  const bytes = await readBody(response, signal);
  const headers: [string, string][] = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  const type = response.headers["content-type"];
  const body = decoder(type).decode(bytes);
  // A script reads it in code that can't be interrupted.
  const why = type !== undefined && jsonType.test(type) ? intricacy(body) : undefined;
  if (why !== undefined) throw new FetchError("too_large", `Its JSON is too much for a script: ${why}.`);
  return {
    response: JSON.stringify({ status: response.statusCode, headers: Object.fromEntries(headers) }),
    body,
  };
}

/** Returns what decodes a text whose type may name its characters. */
function decoder(type = ""): TextDecoder {
  const [, name = "utf-8"] = /;\s*charset="?([\w:.-]{1,40})/i.exec(type) ?? [];
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder();
  }
}

/** Rejects with the signal's reason once it is there. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
