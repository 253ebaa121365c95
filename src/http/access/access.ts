import type { Context, MiddlewareHandler } from "hono";
import { problem } from "../problem.ts";
import type { ApiTokens } from "./api_tokens.ts";
import { KEY_HEADER } from "./key_header.ts";
import { everything, type Grant, type Scope } from "./scope.ts";

/** What the composition root hands over with each request. */
export interface Bindings {
  /** IP address of who asks. */
  remote?: string;
  /** Whether it is asked by TLS of the server's own. */
  isSecure?: boolean;
}

/** What a handler of the API is given: whoever asks has been let in, and may do what the grant says. */
export interface ApiEnv {
  Bindings: Bindings;
  Variables: {
    grant: Grant;
    /** Tells callers apart: the same for all that one token, or one session of the console, asks. */
    caller: string;
    /** Resolves with what it may do at a later time; undefined once it may do nothing: for answers that go on. */
    grantNow: () => Promise<Grant | undefined>;
  };
}

type Request = Context<ApiEnv>;

/** The tokens of now: those of a file change while the server runs. */
export interface TokenSource {
  /** Resolves with the tokens that hold at this moment. */
  current(): Promise<ApiTokens>;
}

/** The sessions of the console's page. */
export interface PageSessions {
  /** Resolves with what a request of that page may do; undefined where it is not from there. */
  grantOf(headers: Headers): Promise<Grant | undefined>;
}

/** Headers of proxies: a request that carries one comes from elsewhere, though its peer is this machine. */
const proxyHeader =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-(?:real|client|cluster-client)-ip|x-original-.*|x-envoy-.*|(?:cf|fastly)-.*|true-client-ip|cdn-loop)$/;

/** Headers that browsers send, and that no page can leave out of what it asks for. */
const browserHeaders = ["sec-fetch-site", "sec-fetch-dest", "origin", "referer"];

/**
 * Makes what lets nobody through who may not ask, and notes what those may do whom it lets through. First the console's page, by its
 * session. With tokens: who shows one of them. Without (`sources` is empty): who sits at this machine and is no browser, who may do
 * all, which takes a loopback peer, no proxy, and a loopback Host, since a web page can make a browser send requests here under a name
 * of its own (DNS rebinding). In all cases a page of another origin may change nothing.
 */
export function letIn(sources: readonly TokenSource[], sessions?: PageSessions): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (comesFromElsewhere(c))
      return problem(403, "forbidden", "Cannot use the API from a page of another origin.");
    const { headers } = c.req.raw;
    const ofPage = await sessions?.grantOf(headers);
    const grant = ofPage ?? (await grantOf(c, sources));
    if (grant instanceof Response) return grant;
    c.set("grant", grant);
    const shown = tokenIn(headers);
    c.set("caller", ofPage ? `page ${headers.get(KEY_HEADER)}` : `token ${shown ?? ""}`);
    c.set("grantNow", async () => {
      if (ofPage) return sessions?.grantOf(headers);
      return sources.length === 0 ? grant : grantOfToken(shown, sources);
    });
    await next();
  };
}

function grantOf(c: Request, sources: readonly TokenSource[]): Promise<Grant | Response> | Grant | Response {
  return sources.length === 0 ? grantToLocal(c) : grantByToken(c, sources);
}

/** Returns the refusal of who may not do what takes `scope`; undefined for who may. */
export function refuseScope({ scopes }: Grant, scope: Scope | undefined): Response | undefined {
  if (scope === undefined || scopes.has(scope)) return undefined;
  const has = [...scopes].map((each) => `"${each}"`).join(", ");
  const message = `Cannot do this with the token: it takes the scope "${scope}", and the token has ${has}.`;
  return problem(403, "scope_missing", message);
}

/** Returns true if a page of another origin asks for a change. */
function comesFromElsewhere(c: Request): boolean {
  if (c.req.method === "GET" || c.req.method === "HEAD") return false;
  const origin = c.req.header("origin");
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== hostOf(c).toLowerCase();
}

/**
 * Returns what the token may do that is shown, or the refusal. hono/bearer-auth does not fit: it answers 400 to another scheme, and
 * refuses tokens with characters that ours may have.
 */
async function grantByToken(c: Request, sources: readonly TokenSource[]): Promise<Grant | Response> {
  const shown = tokenIn(c.req.raw.headers);
  const grant = await grantOfToken(shown, sources);
  if (grant) return grant;
  const why = shown === undefined ? "it needs a token (Authorization: Bearer …)" : "the token is wrong";
  return problem(401, "unauthorized", `Cannot use the API: ${why}.`, {
    "www-authenticate": 'Bearer realm="hotroom"',
  });
}

/** Returns the token that a request shows. */
function tokenIn(headers: Headers): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

async function grantOfToken(
  shown: string | undefined,
  sources: readonly TokenSource[],
): Promise<Grant | undefined> {
  if (shown === undefined) return undefined;
  for (const source of sources) {
    const grant = (await source.current()).grantOf(shown);
    if (grant) return grant;
  }
  return undefined;
}

/** Returns what who sits at this machine may do, or the refusal of anybody else. */
function grantToLocal(c: Request): Grant | Response {
  const isLocal =
    isLoopbackAddress(c.env?.remote) &&
    isLoopbackHost(hostOf(c)) &&
    ![...c.req.raw.headers.keys()].some((name) => proxyHeader.test(name));
  if (!isLocal) {
    const why = "without a token it answers on this machine only, by a loopback name";
    return problem(403, "forbidden", `Cannot use the API from elsewhere: ${why}.`);
  }
  if (!isBrowser(c)) return everything;
  const why =
    "pages of applications have the same origin; open the console by the address that the server printed";
  return problem(401, "unauthorized", `Cannot use the API from a browser without the console's key: ${why}.`);
}

/** Returns true if a browser asks, whatever page makes it do so; before 2023 some said it in no other way than by their name. */
function isBrowser(c: Request): boolean {
  const isNamed = /^Mozilla\//.test(c.req.header("user-agent") ?? "");
  return isNamed || browserHeaders.some((header) => c.req.header(header) !== undefined);
}

function hostOf(c: Request): string {
  return c.req.header("host") ?? new URL(c.req.url).host;
}

/** Returns true if the value of a Host header means this machine however DNS answers. */
function isLoopbackHost(host: string): boolean {
  const address = `http://${host}`;
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return isLoopbackAddress(hostname.replace(/^\[|\]$/g, "")) || /^(?:[^.]+\.)*localhost\.?$/.test(hostname);
}

function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && (address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address));
}
