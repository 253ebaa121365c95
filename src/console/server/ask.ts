/** Between the console and the HTTP API: questions, their answers, and what was wrong with them. */

/** What `ask` rejects with: the API's own code and message, or `unreachable`. */
export class AskError extends Error {
  override readonly name = "AskError";

  constructor(
    readonly code: string,
    message: string,
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** What the answer's error has beside that. */
    readonly data: unknown = undefined,
  ) {
    super(message);
  }
}

/** How long an answer may take, ms. */
const PATIENCE_MS = 30_000;

/**
 * The session's key, which the server has written into the page. It is nowhere but here, so that an application's page, which
 * shares the origin, can't find it.
 */
const key = takeKey();
/** A token that was typed in, where the browser can't have a key. */
let token: string | undefined;

function takeKey(): string {
  const place = document.querySelector<HTMLMetaElement>('meta[name="hotroom-key"]');
  const content = place?.content ?? "";
  place?.remove();
  return content.startsWith("__") ? "" : content;
}

/** Returns true if a token was typed in. */
export function hasToken(): boolean {
  return token !== undefined;
}

/**
 * Opens the console with a secret: that which `serve` prints, or an admin token. Resolves with "reload" where the browser has a
 * session now. Rejects with AskError.
 */
export async function open(secret: string): Promise<"reload" | "kept"> {
  if (typeof isSecureContext === "boolean" && isSecureContext) {
    try {
      await ask("POST", "/console/session", { secret });
      return "reload";
    } catch (error) {
      // A server that has no such sessions takes the token with each question.
      if ((error as AskError).status !== 404) throw error;
    }
  }
  token = secret;
  return "kept";
}

/** Asks the API; `body` is sent as JSON. Resolves with the answer; rejects with AskError. */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), type: "application/json" };
  const response = await request(method, path, { ...sent, signal: AbortSignal.timeout(PATIENCE_MS) });
  return parsed(await response.text()) as Answer;
}

/** What a request has beside its method and path. */
interface Extras {
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Sends a request; resolves with an answer that is a success. Rejects with AskError, or with the signal's reason. */
export async function request(method: string, path: string, extras: Extras = {}): Promise<Response> {
  const { body, type, headers, signal } = extras;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...credentials(), ...(type !== undefined && { "content-type": type }), ...headers },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  } catch {
    throw new AskError("unreachable", "The server does not answer.", 0);
  }
  if (response.ok) return response;
  const answer = parsed(await response.text()) as
    | { error?: { code?: string; message?: string; data?: unknown } }
    | undefined;
  const { code = "unknown", message = `The server answered ${response.status}.`, data } = answer?.error ?? {};
  throw new AskError(code, message, response.status, data);
}

function credentials(): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  return key === "" ? {} : { "x-hotroom-key": key };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The address of something of an application: `api("chat", "rooms", "lobby")`. */
export function api(application: string, ...rest: string[]): string {
  return `/api/applications/${[application, ...rest].map(encodeURIComponent).join("/")}`;
}
