import type { Room } from "../room/room.ts";
import type { User } from "../user/user.ts";
import type { JsonText } from "./event.ts";

/** Something that has happened in an application, for whoever embeds the server. */
export type Observed =
  | { readonly kind: "login" | "logout"; readonly user: User }
  | { readonly kind: "join" | "leave"; readonly room: Room; readonly user: User }
  | { readonly kind: "created"; readonly room: Room }
  | { readonly kind: "closed"; readonly room: Room; readonly reason: string }
  /** A script has made an event for the application. */
  | { readonly kind: "emit"; readonly type: string; readonly data?: JsonText };

/** Hears what has happened in the application of that name, while it is done: it must not throw, and does nothing there itself. */
export type Observe = (application: string, what: Observed) => void;
