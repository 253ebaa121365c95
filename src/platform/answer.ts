import type { Pace } from "../core/limit/pace.ts";
import type { Duty, ListenOptions, Upgrade } from "./platform.ts";

/** Bytes of a body that may be read though nobody wants them, so that the connection goes on. */
const SMALL_BYTES = 64 * 1024;

/** A request that a listener has got. */
export interface Asked {
  readonly options: ListenOptions;
  readonly request: Request;
  readonly remote: string;
  /** Makes the request's connection a WebSocket; returns false if the handshake is not valid. */
  accept(upgrade: Upgrade): boolean;
}

/**
 * Answers one request: asks the listener's `upgrade` first where a WebSocket is asked for, in a turn of the loop that has time for
 * it, else its `fetch`. Resolves with the response, or with undefined where `accept` took the connection. What either throws is
 * reported, and answered with 500.
 */
export function answer(asked: Asked, pace: Pace): Promise<Response | undefined> {
  const { method, headers } = asked.request;
  if (!isHost(headers.get("host")))
    return Promise.resolve(new Response("The Host header is not valid.\n", { status: 400 }));
  if (!isUpgrade(method, headers.get("upgrade"))) return answerNow(asked, false);
  return new Promise((resolve) => pace.run(() => resolve(answerNow(asked, true))));
}

/**
 * Has a connection end with a response where that leaves a body unread that may be large: the rest is nothing to wait for. Returns true
 * where it ends so.
 */
export function endsUnread(request: Request, response: Response): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  const bytes = request.headers.get("content-length");
  if (bytes === null ? !request.headers.has("transfer-encoding") : Number(bytes) <= SMALL_BYTES) return false;
  if (response.headers.get("connection") === "close") return true;
  if (request.bodyUsed) return false;
  response.headers.set("connection", "close");
  return true;
}

async function answerNow(asked: Asked, asksForSocket: boolean): Promise<Response | undefined> {
  const { options, request, remote } = asked;
  let during: Duty = "upgrade";
  try {
    const upgrade = asksForSocket ? options.upgrade(request, remote) : undefined;
    if (upgrade instanceof Response) return upgrade;
    if (upgrade) {
      if (asked.accept(upgrade)) return undefined;
      return new Response("Cannot upgrade: the WebSocket handshake is not valid.\n", { status: 400 });
    }
    during = "fetch";
    return await options.fetch(request, remote);
  } catch (error) {
    options.onError(error, during);
    return new Response("Internal server error.\n", { status: 500 });
  }
}

/** Returns true if a request of this method, with this value of its header `Upgrade`, asks for a WebSocket. */
function isUpgrade(method: string, upgrade: string | null): boolean {
  return method === "GET" && upgrade?.toLowerCase() === "websocket";
}

/** Returns true if a Host header is one: both runtimes make the address of a request of it, in which anything else would be a path or a query. */
function isHost(host: string | null): boolean {
  return host === null || host === "" || (/^[^\s/\\?#@]+$/.test(host) && URL.canParse(`http://${host}/`));
}
