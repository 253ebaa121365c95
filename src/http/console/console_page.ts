import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { Bindings } from "../access/access.ts";
import { readBody } from "../api/body.ts";
import html from "../page/index.html" with { type: "text" };
import { problem } from "../problem.ts";
import { type ConsoleSessions, cookieName } from "../access/console_sessions.ts";

type Asked = Context<{ Bindings: Bindings }>;

/** Largest body of a request for a session, bytes. */
const SESSION_BODY_BYTES = 4096;
const sessionSchema = v.strictObject({ secret: v.string() });

/** What stands in the page for the session's key, and for what allows its scripts. */
const KEY = "__HOTROOM_KEY__";
const NONCE = "__HOTROOM_NONCE__";

/** Everything that the page uses comes from this server, its scripts are ours alone, and nobody may put it into a frame. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    // Not 'self': files of applications have this origin.
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Makes the console's page at `/`, and what begins and ends its sessions. */
export function createConsolePage(sessions: ConsoleSessions): Hono<{ Bindings: Bindings }> {
  const page = new Hono<{ Bindings: Bindings }>();

  page.get("/", async (c) => {
    const secret = c.req.query("secret");
    return secret === undefined ? pageOf(c, sessions) : openByAddress(c, sessions, secret);
  });

  page.post("/console/session", async (c) => {
    const body = await readBody(c, "open the console", sessionSchema, { bytes: SESSION_BODY_BYTES });
    if (!body.ok) return body.answer;
    const opened = await sessions.open(body.output.secret, addressOf(c), c.req.raw.headers);
    if (opened === "wrong")
      return problem(401, "unauthorized", "Cannot open the console: the secret is wrong.");
    if (opened === "too_many")
      return problem(429, "rate_limited", "Cannot open the console: too many wrong secrets were given.", {
        "retry-after": "5",
      });
    return new Response(null, { status: 204, headers: { "set-cookie": cookieText(c, opened.cookie) } });
  });

  page.delete("/console/session", async (c) => {
    if (!(await sessions.grantOf(c.req.raw.headers)))
      return problem(401, "unauthorized", "Cannot close the console: it is not open.");
    sessions.close(c.req.raw.headers);
    return new Response(null, { status: 204, headers: { "set-cookie": cookieText(c, "", 0) } });
  });
  return page;
}

/** Answers the address that `serve` prints: the secret becomes a cookie, and goes from the address. */
async function openByAddress(c: Asked, sessions: ConsoleSessions, secret: string): Promise<Response> {
  const opened = await sessions.open(secret, addressOf(c), c.req.raw.headers);
  const isOpen = typeof opened === "object";
  const headers = new Headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  if (isOpen) headers.set("set-cookie", cookieText(c, opened.cookie));
  const to = isOpen ? "/" : "/?refused=1";
  // A redirect goes on in the name of the page that has led here, as the file of `hotroom dev`, and brings no cookie then; this answer's own page does.
  const isLed = c.req.header("sec-fetch-site") === "cross-site";
  headers.set(isLed ? "refresh" : "location", isLed ? `0; url=${to}` : to);
  return new Response(null, { status: isLed ? 200 : 303, headers });
}

/**
 * Answers with the page. The key is in it only where the browser itself says that it opens a document of its own: a page of this
 * origin that fetches this address, or has it in a frame, could read it there.
 */
function pageOf(c: Asked, sessions: ConsoleSessions): Response {
  const headers = c.req.raw.headers;
  const isDocument =
    headers.get("sec-fetch-dest") === "document" && headers.get("sec-fetch-mode") === "navigate";
  const key = isDocument ? (sessions.find(headers)?.key ?? "") : "";
  const nonce = randomBytes(18).toString("base64url");
  // Bun's types take an imported .html for a bundle; with `type: "text"` both runtimes give the text.
  const text = (html as unknown as string).replaceAll(NONCE, nonce).replaceAll(KEY, key);
  return new Response(c.req.method === "HEAD" ? null : text, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      // What a page of this origin could take out of the browser's cache.
      "cache-control": "no-store",
      "content-security-policy": policyOf(nonce),
      // Who has opened it can't reach into it.
      "cross-origin-opener-policy": "same-origin",
    },
  });
}

function cookieText(c: Asked, value: string, maxAge?: number): string {
  const { protocol, host } = new URL(c.req.url);
  const isSecure = c.env?.isSecure || protocol === "https:" || c.req.header("x-forwarded-proto") === "https";
  const name = cookieName(c.req.header("host") ?? host);
  const age = maxAge === undefined ? "" : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}${age}`;
}

function addressOf(c: Asked): string {
  return c.env?.remote ?? "unknown";
}
