import { signal } from "@preact/signals";
import type { Client, Room, WatchedRoom } from "/client.js";
import { counted } from "../parts/words.ts";
import { FrameLog, withoutSecrets } from "./frame_log.ts";

/** A room that a player is in, or watches. */
export interface Entered {
  readonly room: Room | WatchedRoom;
  readonly watching: boolean;
}

/** How a room is entered. */
export interface Entry {
  readonly how: "join" | "watch" | "create";
  readonly room: string;
  readonly type?: string;
  readonly data?: unknown;
}

/** Names for those who are added without one. */
const names = "ann bob cid dora eve fay gil hal ida jon kim leo".split(" ");
let named = 0;
let made = 0;

function nextName(): string {
  return names[named++ % names.length] ?? "ann";
}

/** One user of an application on a connection of its own, made with the SDK that pages use. */
export class Player {
  readonly id = ++made;
  readonly log = new FrameLog();
  /** What it is called, or is to be called. */
  readonly name = signal("");
  readonly state = signal<"new" | "online" | "away" | "closed">("new");
  /** Whether it is logged in. */
  readonly isUser = signal(false);
  readonly entered = signal<readonly Entered[]>([]);
  readonly problem = signal("");
  /** How much later each frame comes, ms. */
  readonly delay = signal(0);
  /** Until when nothing comes through, ms since the epoch; 0: it does. */
  readonly frozenUntil = signal(0);
  #client: Client | undefined;

  constructor(readonly application: string) {
    this.name.value = nextName();
  }

  /** Connects where it has no connection yet. Rejects with HotroomClientError. */
  async connect(): Promise<Client> {
    if (this.#client) return this.#client;
    const { connect } = await import("/client.js");
    const client = await connect(`/ws/${encodeURIComponent(this.application)}`, { background: true });
    this.#client = client;
    client.on("frame", (direction, frame) => {
      this.log.add(direction, typeof frame === "string" ? withoutSecrets(frame) : `${frame.length} bytes`);
    });
    client.on("error", (error) => {
      this.problem.value = error.message;
    });
    client.on("away", ({ code, reason }) => {
      this.log.add("note", `connection lost: ${code} ${reason}; coming back`);
      this.state.value = "away";
    });
    client.on("back", ({ outcome, missed, away }) => {
      this.log.add(
        "note",
        `back after ${Math.round(away)} ms: ${outcome}, ${counted(missed, "frame")} missed`,
      );
      this.state.value = "online";
    });
    client.on("joined", (room) => this.#enter(room, false));
    client.closed.then(({ code, reason }) => {
      this.log.add("note", `connection closed: ${code} ${reason}`);
      this.#client = undefined;
      this.entered.value = [];
      this.isUser.value = false;
      this.state.value = "closed";
    });
    this.state.value = "online";
    return client;
  }

  /** Logs in, by the player's name and what else the application asks for. */
  async login(data: unknown): Promise<void> {
    const client = await this.connect();
    const name = this.name.value.trim();
    const more = typeof data === "object" && data !== null ? data : {};
    const { user } = await client.login({ ...(name !== "" && { name }), ...more });
    this.name.value = user.name;
    this.isUser.value = true;
  }

  /** Logs in by its name, or by another of those at hand where somebody has it, and what else the application asks for. */
  async loginByAnyName(data: unknown): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.login(data);
      } catch (error) {
        if ((error as { code?: string }).code !== "name_taken" || tries === names.length) throw error;
        this.name.value = nextName();
      }
    }
  }

  /** Joins, watches or makes a room; one that it has made it joins too. */
  async enter({ how, room, type, data }: Entry): Promise<void> {
    const client = await this.connect();
    if (how === "create")
      await client.create(room, { ...(type && { type }), ...(data !== undefined && { data }) });
    else if (how === "watch") this.#enter(await client.subscribe(room, data), true);
    else this.#enter(await client.join(room, data), false);
  }

  async leave({ room }: Entered): Promise<void> {
    await room.leave();
  }

  /** Sends a message to a room, or to the application where `room` is "". */
  async send(room: string, type: string, data: unknown, asks: boolean): Promise<void> {
    const client = await this.connect();
    const target = room === "" ? client : client.rooms.get(room);
    if (!target) throw new Error(`${this.name.value} is not in "${room}".`);
    if (asks) await target.request(type, data);
    else target.send(type, data);
  }

  /** Loses the connection, as by a network. */
  drop(): void {
    this.#client?.simulate.drop();
  }

  /** Lets nothing through for so long, ms. */
  freeze(ms: number): void {
    this.#client?.simulate.freeze(ms);
    this.log.add("note", `frozen for ${ms / 1000} s`);
    this.frozenUntil.value = Date.now() + ms;
    setTimeout(() => {
      if (Date.now() >= this.frozenUntil.value) this.frozenUntil.value = 0;
    }, ms + 20);
  }

  /** Makes each frame take so much longer, ms. */
  slow(ms: number): void {
    this.delay.value = ms;
    this.#client?.simulate.delay(ms);
    this.log.add("note", ms === 0 ? "no delay" : `each frame takes ${ms} ms longer`);
  }

  close(): void {
    this.#client?.close();
  }

  #enter(room: Room | WatchedRoom, watching: boolean): void {
    const known = this.entered.value.some((one) => one.room === room);
    if (known) return;
    const entry = { room, watching };
    this.entered.value = [...this.entered.value, entry];
    const redraw = () => {
      this.entered.value = [...this.entered.value];
    };
    room.on("join", redraw);
    room.on("leave", redraw);
    room.on("disconnect", redraw);
    room.on("reconnect", redraw);
    room.on("end", () => {
      this.entered.value = this.entered.value.filter((one) => one !== entry);
    });
  }
}
