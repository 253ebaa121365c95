import type { Applications } from "../../core/application/applications.ts";
import { HotroomError } from "../../core/errors.ts";
import type { ServerState } from "../../core/view/server_view.ts";
import type { WebAnswer } from "../../core/web/web_answer.ts";
import type { Texts } from "../../core/web/web_request.ts";
import { WebRequests } from "../../core/web/web_requests.ts";
import { bytesOfText } from "../../protocol/bytes.ts";
import { headersForScripts, isScripts } from "../console/script_headers.ts";
import type { Follow } from "../api/follow.ts";
import { problem } from "../problem.ts";
import type { ApplicationRequest, AskApplication } from "./application_routes.ts";
import { readBody } from "../request_body.ts";

/** What requests are answered by. */
export interface AskParts {
  readonly applications: Pick<Applications, "find" | "entry">;
  readonly requests: WebRequests;
  /** Follows requests; absent where none is followed. */
  readonly follow?: Follow | undefined;
  state(): ServerState;
}

/** UTF-16 units of a path with its query, and of all headers: more is refused. */
const MAX_ADDRESS_UNITS = 16 * 1024;
const MAX_HEADER_UNITS = 32 * 1024;

/** Status of each failure. */
const statuses: Readonly<Record<string, number>> = {
  refused: 400,
  invalid_data: 400,
  no_handler: 404,
  timeout: 408,
  too_large: 413,
  address_too_long: 414,
  headers_too_large: 431,
  gone: 499,
  busy: 503,
  not_saved: 503,
  application_unavailable: 503,
};

const types = {
  bytes: "application/octet-stream",
  text: "text/plain; charset=utf-8",
  json: "application/json",
} as const;

/** Makes what asks the scripts of applications. */
export function createAsk(parts: AskParts): AskApplication {
  return async (asked) => {
    const { applications, requests, state, follow } = parts;
    if (state() === "draining") return problem(503, "draining", "The server is stopping; come back.");
    const application = applications.find(asked.application);
    if (!application) return unavailable(parts, asked.application);
    if (!application.version.extension) return undefined;
    let isRead = false;
    try {
      application.checkExtension("answer the request");
      if (!WebRequests.areHeard(application)) return undefined;
      const address = asked.context.env?.remote ?? "unknown";
      const entered = requests.enter(asked.application, address);
      try {
        const request = await read(asked, address, entered.take);
        isRead = true;
        const ask = () => requests.ask(application, request);
        const { raw } = asked.context.req;
        return responseOf(await (follow ? follow(raw, application.name, "request", ask) : ask()));
      } finally {
        entered.leave();
      }
    } catch (error) {
      if (error instanceof HotroomError) return failureOf(error, isRead);
      throw error;
    }
  };
}

/** Returns why an application that does not run can't answer; undefined where there is none of that name. */
function unavailable({ applications, state }: AskParts, name: string): Response | undefined {
  if (state() === "starting")
    return problem(503, "starting", "The server is loading its applications; come back.");
  if (!applications.entry(name)) return undefined;
  return problem(503, "application_unavailable", `Application "${name}" has no version that works.`);
}

/** Resolves with a request as scripts are given it. Rejects with HotroomError where it is too large, or does not come. */
async function read({ path, context }: ApplicationRequest, address: string, take: (bytes: number) => void) {
  const { raw } = context.req;
  const { search, searchParams } = new URL(raw.url);
  if (path.length + search.length > MAX_ADDRESS_UNITS)
    throw new HotroomError("address_too_long", "Cannot take the request: its address is too long.");
  const headers = textsOf(headersForScripts(raw.headers));
  if (unitsOf(headers) > MAX_HEADER_UNITS)
    throw new HotroomError("headers_too_large", "Cannot take the request: its headers are too large.");
  const bytes = await readBody(raw, take);
  const isBinary = /^application\/octet-stream\s*(?:;|$)/i.test(raw.headers.get("content-type") ?? "");
  const body = bytes && { body: isBinary ? bytes : new TextDecoder().decode(bytes) };
  return { method: raw.method, path, query: textsOf(searchParams), headers, address, ...body };
}

/** Returns values by name, those of one name as a list; a name may be any text. */
function textsOf(pairs: Iterable<[string, string]>): Texts {
  const texts: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    const before = texts[name];
    if (Array.isArray(before)) before.push(value);
    else texts[name] = before === undefined ? value : [before, value];
  }
  return texts;
}

function unitsOf(texts: Texts): number {
  return Object.entries(texts).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function responseOf({ status, headers, body }: WebAnswer): Response {
  const named = new Headers();
  for (const [name, value] of headers) if (isScripts(name, value)) named.append(name, value);
  if (body && !named.has("content-type")) named.set("content-type", types[body.type]);
  const content = body?.type === "bytes" ? bytesOfText(body.text) : (body?.text ?? null);
  return new Response(content, { status, headers: named });
}

function failureOf({ code, message, data }: HotroomError, isRead: boolean): Response {
  const status = statuses[code] ?? 500;
  const headers: Record<string, string> = {};
  if (status === 503) headers["retry-after"] = "1";
  // What was not read of the body would be taken for the next request.
  if (!isRead) headers.connection = "close";
  return problem(status, code, message, headers, data);
}
