import type { MiddlewareHandler } from "hono";
import { timingSafeEqual } from "hono/utils/buffer";
import { problem } from "./problem.ts";

/** What the composition root hands over with each request. */
export interface Bindings {
  /** IP address of the peer. */
  remote?: string;
}

/** Headers of proxies: a request that carries one comes from elsewhere, though its peer is this machine. */
const forwarded = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Who may use the admin API. With a token: who shows it. Without: who sits at this machine, which takes a loopback
 * peer, no proxy, and a loopback Host, since a web page can make a browser send requests here under a name of its
 * own (DNS rebinding). Whatever else, a page of another origin may change nothing.
 */
export function adminOnly(token: string | undefined): MiddlewareHandler<{ Bindings: Bindings }> {
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const origin = c.req.header("origin");
    if (
      c.req.method !== "GET" &&
      c.req.method !== "HEAD" &&
      origin !== undefined &&
      !isSameHost(origin, host)
    )
      return problem(403, "forbidden", "Cannot use the API from a page of another origin.");

    if (token !== undefined) {
      const shown = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
      if (shown !== undefined && (await timingSafeEqual(shown, token))) return next();
      const why =
        shown === undefined ? "it needs the server's token (Authorization: Bearer …)" : "the token is wrong";
      return problem(401, "unauthorized", `Cannot use the API: ${why}.`, {
        "www-authenticate": 'Bearer realm="hotroom"',
      });
    }
    const local =
      isLoopbackAddress(c.env?.remote) &&
      isLoopbackHost(host) &&
      !forwarded.some((header) => c.req.header(header) !== undefined);
    if (local) return next();
    const message =
      "Cannot use the API from elsewhere: without a token it answers on this machine only, by a loopback name.";
    return problem(403, "forbidden", message);
  };
}

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Whether the value of a Host header means this machine however DNS answers. */
function isLoopbackHost(host: string): boolean {
  const address = `http://${host}`;
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return isLoopbackAddress(hostname.replace(/^\[|\]$/g, "")) || /^(?:[^.]+\.)*localhost\.?$/.test(hostname);
}

function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && (address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address));
}
