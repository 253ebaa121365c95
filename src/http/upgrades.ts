import type { Application } from "../core/application/application.ts";
import type { ApplicationEntry } from "../core/application/application_entry.ts";
import type { Connections } from "../core/connection/connections.ts";
import { chosenHeaders, isLocalAddress, nobody, type Peer } from "../core/connection/peer.ts";
import type { SocketHandler } from "../core/ports/socket.ts";
import type { ServerState } from "../core/view/server_view.ts";
import { goroomserver } from "../protocol/goroomserver/codec.ts";
import { hotroom, subprotocol } from "../protocol/hotroom/codec.ts";
import { headersForScripts } from "./console/script_headers.ts";
import { problem } from "./problem.ts";

/** An application by name, whether or not a version of it runs. */
type Found = Pick<ApplicationEntry, "application">;

/** What upgrades lead to. */
export interface UpgradeTargets {
  readonly applications: {
    find(name: string): Application | undefined;
    all(): readonly Found[];
    entry(name: string): Found | undefined;
  };
  readonly connections: Pick<Connections, "accept">;
  state(): ServerState;
}

/** An upgrade that is accepted: who hears the socket, and the subprotocol where the client offered ours. */
export interface AcceptedUpgrade {
  readonly handler: SocketHandler;
  readonly protocol?: string;
}

/** Where the applications' WebSockets are; the rest of the path is the application's name. */
const WEB_SOCKETS = "/ws/";

/** Characters of `Sec-WebSocket-Protocol` that are read; a longer header counts as one that offers nothing. */
const MAX_OFFER_LENGTH = 1024;

/**
 * Makes the router of WebSocket upgrades: `/ws/<application>` speaks hotroom.v1, `/` the wire of goroomserver. The router
 * returns a response where it refuses, and undefined where no WebSocket is at the path.
 */
export function createUpgrades({
  applications,
  connections,
  state,
}: UpgradeTargets): (request: Request, remote?: string) => AcceptedUpgrade | Response | undefined {
  return (request, remote) => {
    const { pathname } = new URL(request.url);
    if (state() === "draining") return problem(503, "draining", "The server is stopping; come back.");
    if (pathname === "/") {
      // Which application it is the client says later.
      const all = applications.all().flatMap(({ application }) => application ?? []);
      return { handler: connections.accept(goroomserver, undefined, peerOf(request, remote, all)) };
    }
    if (!pathname.startsWith(WEB_SOCKETS)) return undefined;
    const name = decode(pathname.slice(WEB_SOCKETS.length));
    const application = applications.find(name);
    if (application) {
      const handler = connections.accept(hotroom, application, peerOf(request, remote, [application]));
      return offersProtocol(request) ? { handler, protocol: subprotocol } : { handler };
    }
    if (state() === "starting")
      return problem(503, "starting", "The server is loading its applications; come back.");
    if (applications.entry(name))
      return problem(503, "application_unavailable", `Application "${name}" has no version that works.`);
    return problem(404, "application_not_found", `There is no application "${name}".`);
  };
}

/** Returns who asks, with the headers that any of these applications chooses. */
function peerOf({ headers }: Request, address = nobody.address, applications: Application[]): Peer {
  const names = new Set(applications.flatMap(({ settings }) => settings.headers ?? []));
  const chosen = names.size === 0 ? nobody.headers : chosenHeaders(headersForScripts(headers), names);
  return { address, ...(!isLocalAddress(address) && { counted: address }), headers: chosen };
}

/** Returns true if the client offers hotroom.v1. It has not logged in, so what this costs must not grow with its header. */
function offersProtocol({ headers }: Request): boolean {
  const offer = headers.get("sec-websocket-protocol") ?? "";
  if (offer.length > MAX_OFFER_LENGTH) return false;
  return offer.split(",").some((each) => each.trim() === subprotocol);
}

/** Decodes a name in a path; returns "", which no application is called, where it is not UTF-8. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
