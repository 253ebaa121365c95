import type { Clock } from "../ports/clock.ts";
import type { JsonText, RoomSettingsView } from "../ports/event.ts";
import { Password } from "./password.ts";
import type { RoomOptions, RoomUpdate } from "./room_options.ts";

/** How a room is set, which its script may change while it lives. */
export class RoomSettings {
  #maxUsers: number | null | undefined;
  #locked = false;
  #hidden: boolean;
  #meta: JsonText | undefined;
  #password: Password | undefined;

  constructor(
    options: RoomOptions,
    private readonly clock: Clock,
  ) {
    // A number is one that the room was made with: its script knows it from the beginning.
    if (options.maxUsers === null) this.#maxUsers = null;
    this.#locked = options.locked ?? false;
    this.#hidden = options.hidden ?? false;
    this.#meta = metaText(options.meta);
    if (options.password !== undefined) this.#password = new Password(options.password, clock);
  }

  /** Most members that a script has set; null for no limit, undefined where it has set none. */
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

  /** Whether there is something that a new script does not know without being told. */
  get isToBeTold(): boolean {
    return this.#locked || this.#hidden || this.#meta !== undefined || this.#maxUsers === null;
  }

  /** What the script is told. */
  get view(): RoomSettingsView {
    const meta = this.#meta === undefined ? {} : { meta: this.#meta };
    const limit = this.#maxUsers === undefined ? {} : { maxUsers: this.#maxUsers };
    return { locked: this.#locked, hidden: this.#hidden, ...meta, ...limit };
  }

  /** All of it, as an update of other settings would bring it about. */
  get kept(): RoomUpdate {
    return {
      ...(this.#maxUsers !== undefined && { maxUsers: this.#maxUsers }),
      locked: this.#locked,
      hidden: this.#hidden,
      password: this.#password?.text ?? null,
      meta: this.#meta === undefined ? null : JSON.parse(this.#meta),
    };
  }

  /** Changes what the update names. */
  update({ maxUsers, locked, hidden, password, meta }: RoomUpdate): void {
    if (maxUsers !== undefined) this.#maxUsers = maxUsers;
    this.#locked = locked ?? this.#locked;
    this.#hidden = hidden ?? this.#hidden;
    if (meta !== undefined) this.#meta = metaText(meta);
    if (password === null) this.#password = undefined;
    else if (password !== undefined) this.#password = new Password(password, this.clock);
  }

  /** Returns what lists tell of a room of that name and type which has so many users, of at most `most`, as JSON. */
  listing(name: string, type: string, users: number, most: number): JsonText {
    const limit = Number.isFinite(most) ? `,"maxUsers":${most}` : "";
    const meta = this.#meta === undefined ? "" : `,"meta":${this.#meta}`;
    const flags = `,"locked":${this.#locked},"password":${this.#password !== undefined}`;
    // Names hold nothing that JSON escapes.
    return `{"room":"${name}","type":"${type}","users":${users}${limit}${flags}${meta}}`;
  }
}

function metaText(meta: unknown): JsonText | undefined {
  return meta === undefined || meta === null ? undefined : JSON.stringify(meta);
}
