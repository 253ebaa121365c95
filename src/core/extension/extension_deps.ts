import type { Connection } from "../connection/connection.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import type { DurableData } from "../durable/durable_data.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { Digest } from "../session/secret.ts";
import type { Log } from "../ports/log.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { MakeGroup } from "../ports/socket.ts";
import type { Observe } from "../ports/observe.ts";
import type { HistoryStore } from "../history/history_store.ts";
import type { Tracing } from "../trace/tracing.ts";
import type { Ticker } from "./ticker.ts";

/** What the live extensions of a server share. */
export interface ExtensionDeps {
  readonly scripts: Scripts;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly makeGroup: MakeGroup;
  readonly deliveries: DeliveryCount;
  readonly digest: Digest;
  readonly histories: HistoryStore;
  /** Where what is durable is kept; absent where nothing is. */
  readonly durable?: DurableData;
  /** Absent where no script may ask other servers. */
  readonly fetcher?: Fetcher;
  /** Hears what happens in applications; absent where nobody asks. */
  readonly observe?: Observe;
  /** Follows events; absent where none is followed. */
  readonly tracing?: Tracing;
  /** Makes the connection of somebody who has none any more. */
  readonly absent?: (id: string) => Connection;
}
