import type { Context, MiddlewareHandler } from "hono";
import { timingSafeEqual } from "hono/utils/buffer";
import { problem } from "./problem.ts";

/** What the composition root hands over with each request. */
export interface Bindings {
  /** IP address of who asks. */
  remote?: string;
}

type Request = Context<{ Bindings: Bindings }>;

/** Headers of proxies: a request that carries one comes from elsewhere, though its peer is this machine. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Makes what lets only admins through. With a token: who shows it. Without: who sits at this machine, which takes a loopback
 * peer, no proxy, and a loopback Host, since a web page can make a browser send requests here under a name of its
 * own (DNS rebinding); or nobody, with `onlyByToken`. In all cases a page of another origin may change nothing.
 */
export function adminOnly(
  token: string | undefined,
  onlyByToken = false,
): MiddlewareHandler<{ Bindings: Bindings }> {
  return async (c, next) => {
    if (comesFromElsewhere(c))
      return problem(403, "forbidden", "Cannot use the API from a page of another origin.");
    if (token === undefined && onlyByToken)
      return problem(403, "forbidden", "Cannot use the API: the server has no token for it.");
    const refused = token === undefined ? refuseRemote(c) : await refuseStranger(c, token);
    return refused ?? next();
  };
}

/** Returns true if a page of another origin asks for a change. */
function comesFromElsewhere(c: Request): boolean {
  if (c.req.method === "GET" || c.req.method === "HEAD") return false;
  const origin = c.req.header("origin");
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== hostOf(c).toLowerCase();
}

/**
 * Returns the refusal of who does not show the token. hono/bearer-auth does not fit: it answers 400 to another scheme, and
 * refuses tokens with characters that ours may have.
 */
async function refuseStranger(c: Request, token: string): Promise<Response | undefined> {
  const shown = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (shown !== undefined && (await timingSafeEqual(shown, token))) return undefined;
  const why =
    shown === undefined ? "it needs the server's token (Authorization: Bearer …)" : "the token is wrong";
  return problem(401, "unauthorized", `Cannot use the API: ${why}.`, {
    "www-authenticate": 'Bearer realm="hotroom"',
  });
}

/** Returns the refusal of who does not sit at this machine. */
function refuseRemote(c: Request): Response | undefined {
  const isLocal =
    isLoopbackAddress(c.env?.remote) &&
    isLoopbackHost(hostOf(c)) &&
    !proxyHeaders.some((header) => c.req.header(header) !== undefined);
  if (isLocal) return undefined;
  const why = "without a token it answers on this machine only, by a loopback name";
  return problem(403, "forbidden", `Cannot use the API from elsewhere: ${why}.`);
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
