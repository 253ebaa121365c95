import { signal } from "@preact/signals";
import type { RoomView } from "../../core/view/server_view.ts";
import { api } from "../server/ask.ts";
import { LiveState } from "../server/live_state.ts";
import { follow } from "../server/stream.ts";

/** One room while somebody looks at it: its figures, its users, and its state. */
export class LiveRoom {
  readonly detail = signal<RoomView | undefined>(undefined);
  readonly isGone = signal(false);
  readonly state: LiveState;
  readonly problem = signal("");
  readonly #end: () => void;

  constructor(
    readonly application: string,
    readonly name: string,
  ) {
    this.state = new LiveState(api(application, "rooms", name, "state"));
    const query = new URLSearchParams({ rooms: "0", room: name });
    this.#end = follow(
      () => `${api(application, "live")}?${query}`,
      {
        room: (event: Partial<RoomView> & { gone?: boolean }) => {
          this.problem.value = "";
          this.isGone.value = event.gone === true;
          if (event.gone !== true) this.detail.value = { ...this.detail.value, ...event } as RoomView;
          if (event.usage) this.state.look();
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
