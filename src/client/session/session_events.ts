import type { UserData } from "../../protocol/codec.ts";
import type { HotroomClientError } from "../error.ts";

/** Who is logged in. */
export type User = UserData;

/** What a login gives. */
export interface Login {
  user: User;
  /** The right to come back as this user; secret. */
  session: string;
  /** For how long the server keeps the user's place after a lost connection, ms; 0, or absent, where it doesn't. */
  grace?: number;
  /** `reset` where this login has taken the user over from another client; `client.rooms` has its rooms. */
  outcome?: "resumed" | "reset";
}

/** How a client has come back. */
export interface Back {
  /** `resumed`: nothing is missing. `reset`: something is, the event `reset` has said what. `new`: without a user. */
  outcome: "resumed" | "reset" | "new";
  /** How many frames were missed, which come now. */
  missed: number;
  /** For how long the client was away, ms. */
  away: number;
}

/** What could not be kept while the client was away. */
export interface Reset {
  /** Names of the rooms with a gap; null for what is about no room, replies among it. */
  lost: readonly (string | null)[];
}

/** A session that could not be taken up any more. */
export interface Expired {
  /** Who has logged in again with the same data; undefined where nobody is logged in now. */
  user: User | undefined;
  error: HotroomClientError;
}
