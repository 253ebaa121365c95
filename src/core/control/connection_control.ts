import type { Trouble, TroubleView } from "../connection/trouble/bad_network.ts";
import type { Page, PageRequest } from "./page.ts";

/** A connection, or where it was, as the API shows it. */
export interface ConnectionView {
  readonly id: string;
  /** Absent where nobody has logged in by it. */
  readonly user?: { readonly id: string; readonly name: string };
  /** `away` where it is lost, and its user may come back. */
  readonly state: "online" | "away";
  /** Since when it is in that state, ms since the epoch. */
  readonly since: number;
  /** How long ago its last frame came, ms; absent where none has. */
  readonly heard?: number;
  /** Number of the newest frame that it was sent, and of that up to which the client has said that it has all; 0 where they have none. */
  readonly seq: number;
  readonly seen: number;
  /** Bytes that wait for the client. */
  readonly outbox: number;
  /** Rooms that its user is in. */
  readonly rooms: number;
  /** What it is put to; absent where it is in no trouble. */
  readonly trouble?: TroubleView;
}

/** The port of the API for connections. All throw HotroomError: `application_unavailable` where no version of the application runs. */
export interface ConnectionControl {
  /** In the order in which they were accepted. */
  connections(application: string, page: PageRequest): Page<ConnectionView>;
  /**
   * Loses a connection as a network does: its user is away, and the client comes back by itself. Returns what there was. Throws
   * HotroomError: `connection_not_found`.
   */
  drop(application: string, connection: string): ConnectionView;
  /**
   * Makes a connection's network a bad one for a while, or what it was: frames take longer, or none gets through; none is lost, and
   * their order stays. Throws HotroomError: `connection_not_found`.
   */
  trouble(application: string, connection: string, trouble: Trouble): ConnectionView;
}
