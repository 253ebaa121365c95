import { batch, computed, signal } from "@preact/signals";
import type { SourcePosition } from "../../core/source_position.ts";
import { type AskError, api, ask, request } from "../server/ask.ts";

/** Something that an event has changed in the state. */
export interface Change {
  /** `$.players.u1.score` */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What an event came to. */
export interface Outcome {
  /** ms */
  readonly cpu?: number;
  readonly effects?: readonly {
    readonly kind: string;
    readonly type?: string;
    /** What was logged. */
    readonly text?: string;
    readonly data?: unknown;
    readonly to?: unknown;
  }[];
  readonly effectCount?: number;
  readonly failure?: { readonly message: string; readonly position?: SourcePosition };
  readonly changes?: readonly Change[];
  readonly changeCount?: number;
  /** What the handler has returned. */
  readonly returned?: unknown;
}

/** An event of a room, as its journal has it; with what it came to where it was replayed. */
export interface RoomEvent extends Outcome {
  readonly seq: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly kind: string;
  readonly type?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly data?: unknown;
  /** Set in the place of data that is too large to be shown. */
  readonly dataUnits?: number;
  readonly status?: string;
  /** Of a replay with edited code: both outcomes, and in what they differ. */
  readonly before?: Outcome;
  readonly after?: Outcome;
  readonly differs?: readonly string[];
}

interface Listed {
  readonly since: "start" | "snapshot";
  readonly count: number;
  readonly cut?: number | string;
  readonly events: readonly RoomEvent[];
  readonly initial?: unknown;
  readonly state?: unknown;
}

/** What a replay with edited code has shown. */
export interface Replay {
  readonly events: readonly RoomEvent[];
  /** Why fewer events were run than there are. */
  readonly cut?: string;
  readonly differences: readonly Change[];
  readonly differenceCount: number;
}

/** Events that are asked for. */
const LIMIT = "200";
/** How often it is tried again where other events are being run, and after how long, ms. */
const TRIES = 20;
const AGAIN_MS = 250;

/** What has happened in a room, the step at which one looks, and the state after it. */
export class Timeline {
  readonly listed = signal<Listed | undefined>(undefined);
  /** Whether the effects are there: they take a replay. */
  readonly isReplayed = signal(false);
  readonly isBusy = signal(false);
  /** What is under way that somebody has asked for, in words; empty where nothing is. */
  readonly doing = signal("");
  readonly problem = signal("");
  /** Number of the event after which the state is shown; undefined: the state as it is. */
  readonly at = signal<number | undefined>(undefined);
  readonly stateThen = signal<unknown>(undefined);
  readonly replay = signal<Replay | undefined>(undefined);
  /** The event at which one looks. */
  readonly chosen = computed(() => this.events.value.find(({ seq }) => seq === this.at.value));
  readonly events = computed(() => this.replay.value?.events ?? this.listed.value?.events ?? []);

  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(
    readonly application: string,
    private readonly room: string,
  ) {}

  /** Reads the journal, unless somebody looks at a replay or at the past by then; no script runs. */
  load(): Promise<void> {
    return this.#run(async () => {
      if (!this.#isLive()) return;
      const listed = await ask<Listed>("GET", `${this.#address("timeline")}?limit=${LIMIT}`);
      if (this.#isLive()) this.listed.value = listed;
    });
  }

  /** Shows what happens as it happens. */
  goLive(): Promise<void> {
    batch(() => {
      this.at.value = undefined;
      this.isReplayed.value = false;
      this.replay.value = undefined;
    });
    return this.load();
  }

  /** Runs the events again, in a sandbox apart, to see what each came to. */
  explain(): Promise<void> {
    return this.#run(async () => {
      const listed = await ask<Listed>("POST", this.#address("timeline"), {});
      batch(() => {
        this.listed.value = listed;
        this.isReplayed.value = true;
        this.replay.value = undefined;
      });
    }, "running the events again …");
  }

  /** Shows the state as it was after an event; undefined: as it is. */
  async goTo(seq: number | undefined): Promise<void> {
    this.at.value = seq;
    this.stateThen.value = undefined;
    if (seq === undefined) return;
    await this.#run(async () => {
      // Whoever walks through the events is shown where it stands.
      if (this.at.value !== seq) return;
      const { state } = await ask<{ state: unknown }>("POST", `${this.#address("timeline")}/${seq}`);
      if (this.at.value === seq) this.stateThen.value = state;
    });
  }

  /** Goes a step back (-1) or on (1). */
  step(by: -1 | 1): Promise<void> {
    const events = this.events.value;
    const index =
      this.at.value === undefined ? events.length : events.findIndex(({ seq }) => seq === this.at.value);
    return this.goTo(events[index + by]?.seq);
  }

  /** Runs the events with edited files, by path, and with those that run. */
  tryEdited(files: Readonly<Record<string, string>>): Promise<void> {
    return this.#run(async () => {
      this.replay.value = await ask<Replay>("POST", this.#address("replay"), { files });
    }, "running them with both …");
  }

  /** Resolves with the events as a test for `hotroom test`. */
  async exported(): Promise<string> {
    const body = JSON.stringify({});
    this.doing.value = "making a test of them …";
    try {
      const answer = await request("POST", this.#address("export"), { body, type: "application/json" });
      return await answer.text();
    } finally {
      this.doing.value = "";
    }
  }

  #isLive(): boolean {
    return this.at.value === undefined && !this.isReplayed.value && !this.replay.value;
  }

  #address(what: string): string {
    return api(this.application, "rooms", this.room, what);
  }

  /** Does one thing after another; what goes wrong is shown. */
  #run(task: () => Promise<void>, words = ""): Promise<void> {
    this.#waiting++;
    this.isBusy.value = true;
    this.#last = this.#last.then(async () => {
      this.problem.value = "";
      this.doing.value = words;
      try {
        await whenFree(task);
      } catch (error) {
        this.problem.value = (error as Error).message;
      }
      this.doing.value = "";
      this.isBusy.value = --this.#waiting > 0;
    });
    return this.#last;
  }
}

/** Does what takes a replay, of which an application has one at a time. */
async function whenFree(task: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await task();
    } catch (error) {
      if ((error as AskError).code !== "busy" || tries === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
