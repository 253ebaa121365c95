import type { Duty, ListenOptions, Upgrade } from "./platform.ts";

/**
 * Answers one request: asks the listener's `upgrade` first where a WebSocket is asked for, else its `fetch`. Resolves with
 * the response, or with undefined where `accept` took the connection. What either throws is reported, and answered with 500.
 */
export async function answer(
  options: ListenOptions,
  request: Request,
  remote: string,
  /** Makes the request's connection a WebSocket; returns false if the handshake is not valid. */
  accept: (upgrade: Upgrade) => boolean,
): Promise<Response | undefined> {
  let during: Duty = "upgrade";
  try {
    const upgrade = isUpgrade(request.method, request.headers.get("upgrade"))
      ? options.upgrade(request, remote)
      : undefined;
    if (upgrade instanceof Response) return upgrade;
    if (upgrade) {
      if (accept(upgrade)) return undefined;
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
export function isUpgrade(method: string | undefined, upgrade: string | null | undefined): boolean {
  return method === "GET" && upgrade?.toLowerCase() === "websocket";
}
