import type { Applications } from "./core/application/applications.ts";
import type { CeilingsInput } from "./core/application/ceilings.ts";
import type { ConnectionLimits } from "./core/connection/inbound_rate.ts";
import type { Log } from "./core/ports/log.ts";
import type { Observe } from "./core/ports/observe.ts";
import type { StopReport } from "./core/server_lifecycle.ts";
import type { TracingSettings } from "./core/trace/tracing.ts";
import type { LiveServerView } from "./core/view/live_server_view.ts";
import type { Assistants, OwnRoutes } from "./http/app.ts";
import type { GivenApplications } from "./source/watch/application_sources.ts";
import type { GivenFiles } from "./source/read/given_files.ts";

/** Default of `ServerOptions.drain`, ms. */
export const DRAIN_MS = 10_000;
/** Default of `ServerOptions.history`, bytes. */
export const HISTORY_BYTES = 64 * 1024 * 1024;

/** What a server is started with. */
export interface ServerOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Path of a unix socket to listen on, in the place of host and port. */
  readonly unix?: string | undefined;
  /** Files of a certificate and its key, PEM: with them there is TLS only. Looked at again and again, so that they may change. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** The folder of applications; without it there are only those that are given. */
  readonly extensions?: string | undefined;
  /** Applications by name: the path of their file or folder, or their files as texts. */
  readonly applications?: GivenApplications;
  /** The folder of applications that come with the program, whose place those of the extensions folder may take. */
  readonly bundled?: string | undefined;
  /** What is asked before the server's own routes. */
  readonly routes?: OwnRoutes;
  /** Hears what happens in applications. */
  readonly observe?: Observe;
  /** The folder that durable applications are kept in, made when the first one is loaded; without it nothing is durable. */
  readonly data?: string;
  /** Script host processes; 0 runs scripts in this process. */
  readonly hosts: number;
  /** Memory that the sandboxes of one script host may take together, bytes; without it there is no limit. */
  readonly hostMemory?: number | undefined;
  /** Whether one more is kept warm, for builds and in the place of one that dies. */
  readonly spare?: boolean;
  /** Folder in which stripped sources outlive the server; without it every start strips them anew. */
  readonly cache?: string;
  readonly limits: ConnectionLimits;
  /** The most that the file of an application may set, by key; the defaults where a key is not given. */
  readonly ceilings?: CeilingsInput;
  /** Connections at one time; without it as many as the system has file descriptors for. */
  readonly maxConnections?: number | undefined;
  /** Connections of one address, 0 for no limit; without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Proxies on the way to here whose word is taken for who asks; none where it is absent. */
  readonly trustProxy?: number | undefined;
  /** Whether frames are compressed where the runtime and the client can. */
  readonly compress?: boolean;
  /** Memory for frames that are kept for users who may come back, bytes; 64 MiB where it is absent. */
  readonly history?: number;
  readonly adminToken?: string;
  /** Which events are followed; none where it is absent. */
  readonly tracing?: TracingSettings | undefined;
  /** A file of tokens, each with its scopes, which is taken over when it changes. */
  readonly tokens?: string;
  /** Whether the page at `/` is left out, and the API answers nobody without a token. */
  readonly noConsole?: boolean | undefined;
  /** Whether clients that ask for it are told of edits. */
  readonly dev?: boolean;
  /** What assistants of developers are given; without it nothing is. */
  readonly assistants?: Assistants | undefined;
  /** How long `stop` may take, ms; 10,000 where it is absent. */
  readonly drain?: number;
  readonly log: Log;
}

/** A running server. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Opens the console: an address with its secret, without a server's name at a unix socket; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  /** Resolves when the applications that were there at the start are loaded, or have failed to be. */
  readonly ready: Promise<void>;
  readonly view: LiveServerView;
  readonly applications: Applications;
  /** Answers a request as the server's own HTTP does; `remote` is the IP address of who asks, where that is known. */
  fetch(request: Request, remote?: string): Promise<Response>;
  /** Takes an edit of an application that is given as texts. Rejects with HotroomError. */
  edit(application: string, files: GivenFiles): Promise<void>;
  /**
   * Drains: no new connections, events in hand finish, clients get a close code that says come back. Resolves in `drain` ms or
   * little more, whatever hangs, with what was given up for that.
   */
  stop(): Promise<StopReport>;
}
