import { signal } from "@preact/signals";
import type { RoomView } from "../../core/view/server_view.ts";
import { api, ask } from "../server/ask.ts";
import { follow } from "../server/stream.ts";

/** The state as it was read, or why it could not be. */
interface ReadState {
  readonly value?: unknown;
  readonly bytes?: number;
  readonly problem?: string;
}

/** Between two questions for the state, ms. */
const STATE_MS = 1000;

/** One room while somebody looks at it: its figures, its users, and its state. */
export class LiveRoom {
  readonly detail = signal<RoomView | undefined>(undefined);
  readonly isGone = signal(false);
  readonly state = signal<ReadState>({});
  readonly problem = signal("");
  readonly #end: () => void;
  #isAsking = false;
  /** Whether something has happened since the state was asked for. */
  #isOld = false;

  constructor(
    readonly application: string,
    readonly name: string,
  ) {
    const query = new URLSearchParams({ rooms: "0", room: name });
    this.#end = follow(
      () => `${api(application, "live")}?${query}`,
      {
        room: (event: Partial<RoomView> & { gone?: boolean }) => {
          this.problem.value = "";
          this.isGone.value = event.gone === true;
          if (event.gone !== true) this.detail.value = { ...this.detail.value, ...event } as RoomView;
          if (event.usage) this.#askState();
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

  /** Puts a value into the state, and shows what has become of it. Rejects with AskError. */
  async editState(path: readonly (string | number)[], value: unknown): Promise<void> {
    await ask("PUT", api(this.application, "rooms", this.name, "state"), { path, value });
    await this.#readState();
  }

  /** Asks for the state, at most once a second. */
  async #askState(): Promise<void> {
    this.#isOld = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isOld) {
      this.#isOld = false;
      await this.#readState();
      await new Promise((resolve) => setTimeout(resolve, STATE_MS));
    }
    this.#isAsking = false;
  }

  async #readState(): Promise<void> {
    try {
      const path = api(this.application, "rooms", this.name, "state");
      const { state } = await ask<{ state?: unknown }>("GET", path);
      this.state.value = { value: state, bytes: JSON.stringify(state)?.length ?? 0 };
    } catch (error) {
      this.state.value = { problem: (error as Error).message };
    }
  }
}
