import { getMimeType } from "hono/utils/mime";
import type { Page } from "../../core/view/pages.ts";
import { problem } from "../problem.ts";

/** A part of a page, bytes from `start` up to and not with `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/** Of a module it says what it is served as. */
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** Answers a GET or HEAD with a page, a part of it, or with the word that the client has it. */
export async function pageAnswer(page: Page, request: Request): Promise<Response> {
  const { tag, size } = page;
  const headers: Record<string, string> = {
    "content-type": typeOf(page.name),
    etag: tag,
    // Asked for each time, and answered in a few bytes where nothing has changed.
    "cache-control": "no-cache",
    "accept-ranges": "bytes",
    // Pages of the same origin may show it in a frame, as beside another user's.
    "x-frame-options": "SAMEORIGIN",
    // In the console that frame has no origin, and what its page consists of comes to it from elsewhere.
    "cross-origin-resource-policy": "cross-origin",
    vary: "origin",
    ...(isPartOfFrame(request.headers) && { "access-control-allow-origin": "null" }),
  };
  if (isKnown(request.headers.get("if-none-match"), tag)) return new Response(null, { status: 304, headers });
  const part = partOf(request, page);
  if (part === "unsatisfiable")
    return problem(416, "range_not_satisfiable", `Cannot read that part: there are ${size} bytes.`, {
      "content-range": `bytes */${size}`,
    });
  const { start, end } = part ?? { start: 0, end: size };
  headers["content-length"] = String(end - start);
  if (part) headers["content-range"] = `bytes ${start}-${end - 1}/${size}`;
  const body = request.method === "HEAD" ? null : await page.read(start, end);
  return new Response(body, { status: part ? 206 : 200, headers });
}

/** What a page may consist of, as browsers call it; texts that a page asks for by code are not among it. */
const parts = new Set(["script", "style", "font", "image", "audio", "video", "track"]);

/**
 * Returns true if a page in a frame without an origin asks for its own modules and the like. What any site could read of pages that way
 * stays unread: it can run a module, as it can run any script, and not see its text.
 */
function isPartOfFrame(headers: Headers): boolean {
  return headers.get("origin") === "null" && parts.has(headers.get("sec-fetch-dest") ?? "");
}

function typeOf(name: string): string {
  if (name.endsWith(".d.ts")) return "text/plain; charset=utf-8";
  if (name.endsWith(".ts")) return JAVASCRIPT;
  return getMimeType(name) ?? "application/octet-stream";
}

/** Returns true if a client that sends this `If-None-Match` has the page. In one pass, without a pattern: strangers choose its length. */
function isKnown(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((each) => {
    const text = each.trim();
    return text === "*" || text === tag || text === `W/${tag}`;
  });
}

/** Returns the one part that is asked for; undefined for all of it, as where several parts are, or where the page was another one. */
function partOf({ headers }: Request, { tag, size }: Page): Part | "unsatisfiable" | undefined {
  const range = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get("range")?.trim() ?? "");
  if (!range || (headers.get("if-range") ?? tag) !== tag) return undefined;
  const [, first = "", last = ""] = range;
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  if (start >= size) return "unsatisfiable";
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  return { start, end };
}
