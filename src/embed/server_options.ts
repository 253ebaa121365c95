import type { CeilingsInput } from "../core/application/ceilings.ts";
import type { ConnectionLimits } from "../core/connection/inbound_rate.ts";
import type { Log } from "../core/ports/log.ts";
import type { OwnRoutes } from "../http/app.ts";
import type { GivenApplications } from "../source/watch/application_sources.ts";

/** What a program starts a server with; everything has a default, which is that of the command where that has one. */
export interface ServerOptions {
  /** Applications by name: the path of a file or folder, which is watched, or source texts by their path in the application. */
  readonly applications?: GivenApplications;
  /** A folder of applications, which is watched; `./extensions` where there are no `applications`. */
  readonly extensions?: string;
  /** Routes of Hono that are asked before the server's own. */
  readonly routes?: OwnRoutes;
  /** TCP port; 0 takes a free one. */
  readonly port?: number;
  /** Address to listen on; `0.0.0.0` for all. */
  readonly host?: string;
  /** Path of a unix socket to listen on, in the place of port and host. */
  readonly unix?: string;
  /** File of a certificate with its chain, PEM: the port speaks TLS only. Both files are read again when they change. */
  readonly tlsCert?: string;
  /** File of its key, PEM. */
  readonly tlsKey?: string;
  /** The folder that durable applications are kept in; without it nothing is durable. */
  readonly data?: string;
  /** Script host processes; 0 runs scripts in this process, without the wall: for tests only. */
  readonly hosts?: number;
  /** Memory that the sandboxes of one script host may take together, bytes. */
  readonly hostMemory?: number;
  /** Whether one more script host is kept warm, for builds and in the place of one that dies. */
  readonly spare?: boolean;
  /** Folder in which stripped sources outlive the server; without it every start strips them anew. */
  readonly cache?: string;
  /** What one connection may do. */
  readonly limits?: Partial<ConnectionLimits>;
  /** The most that the settings of an application may ask for, by key. */
  readonly ceilings?: CeilingsInput;
  /** Connections at one time; without it as many as the system has file descriptors for. */
  readonly maxConnections?: number;
  /** Connections of one address, 0 for no limit; without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number;
  /** Proxies on the way to here whose word is taken for who asks. */
  readonly trustProxy?: number;
  /** Whether frames are compressed where the runtime and the client can. */
  readonly compress?: boolean;
  /** Memory for frames that are kept for users who may come back, bytes. */
  readonly history?: number;
  /** Secret of the admin API; without one it answers on this machine only. */
  readonly adminToken?: string;
  /** A file of tokens of the API, each with its scopes, which is taken over when it changes. */
  readonly tokens?: string;
  /** Whether the page at `/` is left out, and the API answers nobody without a token. */
  readonly noConsole?: boolean;
  /** Whether clients that ask for it are told of edits. */
  readonly dev?: boolean;
  /**
   * What is followed: a share of what clients send, 0 to 1, in the lines of `log` that have a `trace_id`, and at the `endpoint` of a collector,
   * by OTLP over HTTP; 0.01 of it where there is only an endpoint.
   */
  readonly tracing?: { readonly sample?: number; readonly endpoint?: string };
  /** How long `stop` may take, ms. */
  readonly drain?: number;
  /** Gets each line of the log; without it they go to standard output, as the command writes them. */
  readonly log?: Log;
}
