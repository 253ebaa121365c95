import { Hono } from "hono";
import { McpServer, StreamableHttpTransport } from "mcp-lite";
import { HotroomError } from "../../core/errors.ts";
import type { Budget } from "../../core/limit/budget.ts";
import { intricacy } from "../../protocol/frame.ts";
import type { ApiEnv } from "../access/access.ts";
import type { Grant, Scope } from "../access/scope.ts";
import { problem } from "../problem.ts";
import { refusal } from "../api/refusal.ts";
import { bodyRefusal, readText } from "../api/body.ts";
import { mount, type Route } from "../api/route.ts";
import type { Docs } from "./docs.ts";
import { toolsOf } from "./route_tool.ts";

/** Bytes of a request, in which a file may stand. */
const BODY_BYTES = 2 * 1024 * 1024;
/** How long it may take, ms. */
const BODY_MS = 10_000;
/** Characters of an answer: who reads it has not much room, and can ask for less. */
const ANSWER_CHARACTERS = 100_000;

/** What assistants are given of a server. */
export interface McpOptions {
  readonly routes: readonly Route[];
  readonly version: string;
  /** Whether they may act and edit, too; without it they look. */
  readonly mayEdit: boolean;
  readonly docs: Docs;
  /** Bounds the bodies that are being read, with those of the API. */
  readonly bodies: Budget;
}

/**
 * Makes the endpoint of the Model Context Protocol (Streamable HTTP, without sessions): each route of the API is a tool, which does what
 * the route does and may do what whoever asks may do.
 */
export function createMcp({ routes, version, mayEdit, docs, bodies }: McpOptions): Hono<ApiEnv> {
  const api = new Hono<{ Bindings: { grant: Grant } } & Pick<ApiEnv, "Variables">>();
  api.use(async (c, next) => {
    c.set("grant", c.env.grant);
    await next();
  });
  mount(api as unknown as Hono<ApiEnv>, routes, bodies);
  const server = new McpServer({ name: "hotroom", version });
  for (const tool of toolsOf(routes, mayEdit))
    server.tool(tool.name, {
      description: tool.route.summary,
      inputSchema: tool.input,
      handler: async (given, { authInfo }) => {
        const grant = (authInfo?.extra as { grant: Grant } | undefined)?.grant ?? nothing;
        const answer = await answerOf(() => api.fetch(tool.request(given), { grant }));
        return { content: [{ type: "text", text: cut(await answer.text()) }], isError: !answer.ok };
      },
    });
  for (const [name, { text, about }] of Object.entries(docs))
    server.resource(
      `hotroom://docs/${name}`,
      { name, description: about, mimeType: "text/markdown" },
      async (uri) => ({
        contents: [{ type: "text", uri: uri.href, text }],
      }),
    );
  const handle = new StreamableHttpTransport().bind(server);
  const mcp = new Hono<ApiEnv>();
  mcp.post("/", async (c) => {
    const { scopes } = c.get("grant");
    const allowed: Grant = mayEdit
      ? { scopes }
      : { scopes: new Set<Scope>(scopes.has("read") ? ["read"] : []) };
    const { url, headers } = c.req.raw;
    let text: string;
    try {
      text = await readText(c.req.raw, { bytes: BODY_BYTES, all: bodies, ms: BODY_MS });
    } catch (error) {
      if (!(error instanceof HotroomError)) throw error;
      return bodyRefusal(error);
    }
    const why = intricacy(text);
    if (why !== undefined) return problem(400, "bad_request", `Cannot take the request: ${why}.`);
    const asked = new Request(url, { method: "POST", headers, body: text });
    return handle(asked, {
      authInfo: { token: "", scopes: [...allowed.scopes], extra: { grant: allowed } },
    });
  });
  return mcp;
}

/** Resolves with what is answered, also where that is a refusal: what is thrown the library tells callers with its stack. */
async function answerOf(ask: () => Promise<Response> | Response): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HotroomError) return refusal(error, { bad_arguments: 400 });
    return problem(500, "internal", "Cannot call with these arguments.");
  }
}

const nothing: Grant = { scopes: new Set() };

function cut(text: string): string {
  if (text.length <= ANSWER_CHARACTERS) return text;
  return `${text.slice(0, ANSWER_CHARACTERS)}\n… ${text.length - ANSWER_CHARACTERS} characters more are left out: ask for less.`;
}
