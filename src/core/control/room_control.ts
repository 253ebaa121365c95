import type { JsonText } from "../ports/event.ts";
import type { RoomFilter } from "../room/list/room_list.ts";
import type { RoomOptions, RoomUpdate } from "../room/room_options.ts";
import type { Page, PageRequest } from "./page.ts";
import type { RoomView } from "../view/server_view.ts";

/** The state of a script, and the version that runs it. */
export interface StateView {
  readonly version: string;
  /** JSON. */
  readonly state: JsonText;
}

/** What is to be in a state, and where. */
export interface StateEdit {
  /** Keys of objects and places in lists, from the outermost; none for the whole state. */
  readonly path: readonly (string | number)[];
  /** JSON; absent where what is there is taken out. */
  readonly value?: JsonText;
  /** Whether it goes before what is there, in a list, and not into its place. */
  readonly insert?: boolean;
  /** JSON of what must be there, or nothing happens. */
  readonly expected?: JsonText;
}

/** Which rooms a list of the API has. */
export interface RoomQuery extends RoomFilter, PageRequest {
  /** Only those whose names begin so. */
  readonly prefix?: string | undefined;
}

/**
 * The port of the API for rooms and scripts; `room` null stands for the application's own script. All throw (or reject with) HotroomError
 * `application_not_found`, or `application_unavailable` where no version of it runs; what waits for a script also with `busy`, `timeout` and, where
 * something is durable, `not_saved`.
 */
export interface RoomControl {
  /** The rooms in the order of their names, without their users. */
  rooms(application: string, query: RoomQuery): Page<RoomView>;
  /** Makes a room as scripts do, without asking the `create` handler; resolves when its `init` has run. Rejects with HotroomError. */
  create(
    application: string,
    name: string,
    options: Omit<RoomOptions, "type"> & { readonly type?: string | undefined },
  ): Promise<RoomView>;
  /** Sets a room otherwise; what is absent stays. Rejects with HotroomError `room_not_found`. */
  update(application: string, room: string, update: RoomUpdate): Promise<RoomView>;
  /** Resolves with the state between two events. Rejects with HotroomError: `room_not_found`, `no_handler`, `room_closed`, `state_not_written`. */
  state(application: string, room: string | null): Promise<StateView>;
  /**
   * Puts a value into the state of a script, or takes one out where `value` is absent, and resolves with the version that runs it
   * then. Rejects with HotroomError: `room_not_found`, `no_handler`, `no_such_path`, `changed` where something else is there than
   * expected, `invalid_data` where the state would be too large, `handler_failed`.
   */
  editState(application: string, room: string | null, edit: StateEdit): Promise<string>;
  /**
   * Has `emits.<type>` handle an event, and resolves with what it returns. Rejects with HotroomError: `room_not_found`, `no_handler`, and
   * what the handler comes to: `refused`, `invalid_data`, `handler_failed`.
   */
  call(
    application: string,
    room: string | null,
    type: string,
    data?: JsonText,
  ): Promise<JsonText | undefined>;
}
