import { signal } from "@preact/signals";
import { api } from "../server/ask.ts";
import { follow } from "../server/stream.ts";
import type { RoomRow } from "./room_rows.ts";

/** A room with its users. */
export interface RoomDetail extends RoomRow {
  readonly list: readonly {
    readonly id: string;
    readonly name: string;
    readonly data?: unknown;
    readonly connected?: boolean;
  }[];
}

interface StateEvent {
  readonly value?: unknown;
  readonly bytes?: number;
  readonly problem?: string;
}

/** One room while somebody looks at it: its figures, its users, and its state. */
export class LiveRoom {
  readonly detail = signal<RoomDetail | undefined>(undefined);
  readonly isGone = signal(false);
  readonly state = signal<StateEvent>({});
  readonly problem = signal("");
  readonly #end: () => void;

  constructor(
    readonly application: string,
    readonly name: string,
  ) {
    const query = new URLSearchParams({ rooms: "0", room: name, state: "1" });
    this.#end = follow(
      () => `${api(application, "live")}?${query}`,
      {
        room: (event: Partial<RoomDetail> & { gone?: boolean }) => {
          this.problem.value = "";
          this.isGone.value = event.gone === true;
          if (event.gone !== true) this.detail.value = { ...this.detail.value, ...event } as RoomDetail;
        },
        state: (event: StateEvent) => {
          this.state.value = event;
        },
      },
      ({ message }) => {
        this.problem.value = message;
      },
    );
  }

  close(): void {
    this.#end();
  }
}
