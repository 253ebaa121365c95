import type { Clock } from "../ports/clock.ts";
import type { JsonText, RoomSettingsView } from "../ports/event.ts";
import { Password } from "./password.ts";
import type { RoomOptions, RoomUpdate } from "./room_options.ts";

/** Tells a room's script how the room is set, and runs `told` when it knows. */
export type TellScript = (view: RoomSettingsView, told: () => void) => void;

/** How a room is set, which its script may change while it lives. */
export class RoomSettings {
  #maxUsers: number | null | undefined;
  #locked = false;
  #hidden: boolean;
  #meta: JsonText | undefined;
  #password: Password | undefined;
  /** While the script is being told: whether something has changed since. */
  #telling: { again: boolean } | undefined;

  constructor(
    options: RoomOptions,
    private readonly clock: Clock,
    private readonly tellScript: TellScript,
  ) {
    this.#hidden = options.hidden ?? false;
    this.#meta = metaText(options.meta);
    if (options.password !== undefined) this.#password = new Password(options.password, clock);
  }

  /** Most members that the script has set; null for no limit, undefined where it has set none. */
  get maxUsers(): number | null | undefined {
    return this.#maxUsers;
  }

  /** Whether clients can't join. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Whether it is neither listed nor announced. */
  get hidden(): boolean {
    return this.#hidden;
  }

  get password(): Password | undefined {
    return this.#password;
  }

  /** Changes what the update names, and tells the script. */
  update({ maxUsers, locked, hidden, password, meta }: RoomUpdate): void {
    if (maxUsers !== undefined) this.#maxUsers = maxUsers;
    this.#locked = locked ?? this.#locked;
    this.#hidden = hidden ?? this.#hidden;
    if (meta !== undefined) this.#meta = metaText(meta);
    if (password === null) this.#password = undefined;
    else if (password !== undefined) this.#password = new Password(password, this.clock);
    this.#tell();
  }

  /** Tells a new script what it does not know yet. */
  begin(): void {
    if (this.#hidden || this.#meta !== undefined) this.#tell();
  }

  /** Returns what lists tell of a room of that name and type which has so many users, of at most `most`, as JSON. */
  listing(name: string, type: string, users: number, most: number): JsonText {
    const limit = Number.isFinite(most) ? `,"maxUsers":${most}` : "";
    const meta = this.#meta === undefined ? "" : `,"meta":${this.#meta}`;
    const flags = `,"locked":${this.#locked},"password":${this.#password !== undefined}`;
    // Names hold nothing that JSON escapes.
    return `{"room":"${name}","type":"${type}","users":${users}${limit}${flags}${meta}}`;
  }

  /** Tells the script; what changes until it knows is told as one. */
  #tell(): void {
    if (this.#telling) {
      this.#telling.again = true;
      return;
    }
    const telling = { again: false };
    this.#telling = telling;
    const meta = this.#meta === undefined ? {} : { meta: this.#meta };
    const limit = this.#maxUsers === undefined ? {} : { maxUsers: this.#maxUsers };
    this.tellScript({ locked: this.#locked, hidden: this.#hidden, ...meta, ...limit }, () => {
      this.#telling = undefined;
      if (telling.again) this.#tell();
    });
  }
}

function metaText(meta: unknown): JsonText | undefined {
  return meta === undefined || meta === null ? undefined : JSON.stringify(meta);
}
