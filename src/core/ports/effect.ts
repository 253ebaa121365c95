import type { DataText, JsonText } from "./event.ts";
import type { LogLevel } from "./log.ts";

/** Users that an effect is for, each by id or name. */
export type Recipients = readonly string[];

/** What a script asks the server for, as plain data. The effects of an event are applied in order, all or none. */
export type Effect =
  /** To every member of the room (from a room) or every user of the application (from its extension). */
  | { kind: "broadcast"; type: string; data?: DataText; except?: Recipients }
  | { kind: "send"; to: Recipients; type: string; data?: DataText }
  /** To every user of the application, from anywhere in it. */
  | { kind: "broadcastApplication"; type: string; data?: DataText }
  | { kind: "broadcastRoom"; room: string; type: string; data?: DataText }
  /** To users anywhere in the application, from a room by `room.application.send`. */
  | { kind: "sendApplication"; to: Recipients; type: string; data?: DataText }
  /** From a room: the user leaves the room. From the application's extension: the user's connection is closed. */
  | { kind: "kick"; user: string; reason: string }
  | { kind: "kickApplication"; user: string; reason: string }
  /** `options` is JSON: `{ type?, maxUsers?, keep?, locked?, password?, hidden?, meta? }`. */
  | { kind: "createRoom"; room: string; options: JsonText }
  /** Changes the room itself; `options` is JSON: `{ maxUsers?, locked?, hidden?, password?, meta? }`. */
  | { kind: "updateRoom"; options: JsonText }
  /** From a room: a member of it joins the named room and leaves this one, or stays where that does not let it in. */
  | { kind: "move"; user: string; room: string; data?: JsonText }
  /** A user of the application joins the named room. */
  | { kind: "join"; user: string; room: string; data?: JsonText }
  /** Closes the named room, or the script's own where there is no name. */
  | { kind: "closeRoom"; room?: string; reason: string }
  /** An event for the named room, or for the application's extension where `room` is null. */
  | { kind: "emit"; room: string | null; type: string; data?: JsonText }
  /** With a key there may be several of one name. */
  | { kind: "schedule"; name: string; key?: string; ms: number; data?: JsonText }
  | { kind: "cancel"; name: string; key?: string }
  /** A request to another server, whose answer is an event of that name; header names are in lower case. */
  | {
      kind: "fetch";
      name: string;
      url: string;
      method: string;
      headers: readonly (readonly [name: string, value: string])[];
      body?: string;
      /** ms */
      timeout: number;
      data?: JsonText;
    }
  /** With `of` the log gets it once from the script for what that names. */
  | { kind: "log"; level: LogLevel; text: string; of?: string };
