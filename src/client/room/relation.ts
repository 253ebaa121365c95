import type { MemberData } from "../connection/frames.ts";

/** How the client has to do with a room: its user is a member, or its connection watches. Both at once is possible. */
export type Relation = "member" | "watcher";

/** Both of them. */
export const relations = ["member", "watcher"] as const;

/** The requests that begin and end each, and what errors call it. */
export const verbs = {
  member: { enter: "join", exit: "leave", doing: "join" },
  watcher: { enter: "subscribe", exit: "unsubscribe", doing: "watch" },
} as const;

/** What the server says of a room that is joined or watched. */
export interface EnteredRoom {
  type: string;
  users: readonly MemberData[];
  /** What the `watch` handler returned. */
  data?: unknown;
}
