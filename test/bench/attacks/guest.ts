import { Link } from "../drops/link.ts";

/** A client that has been sent what it reads, and comes back as often as somebody wants it to. */
export class Guest {
  link: Link | undefined;
  session = "";
  #replies = 0;
  #reply: ((reply: { ok: boolean; data?: { session: string } }) => void) | undefined;

  private constructor(
    private readonly port: number,
    private readonly application: string,
  ) {}

  /** Logs in, and joins a room where one is named. */
  static async enter(port: number, application: string, name: string, room?: string): Promise<Guest> {
    const guest = new Guest(port, application);
    await guest.#connect();
    const { data } = await guest.request({ event: "login", data: { name } });
    guest.session = data?.session ?? "";
    if (room !== undefined) await guest.request({ event: "join", room });
    return guest;
  }

  send(frame: object): void {
    this.link?.send(JSON.stringify(frame));
  }

  /** Sends a frame and returns the reply; false where it never comes. */
  request(frame: object): Promise<{ ok: boolean; data?: { session: string } }> {
    const id = `attack ${++this.#replies}`;
    return new Promise((resolve) => {
      this.#reply = resolve;
      this.send({ ...frame, id });
    });
  }

  /** Comes back over another connection, whatever has become of the last one; returns whether it could. */
  async back(seen?: number): Promise<boolean> {
    this.link?.lose("rst");
    await this.#connect();
    const { ok, data } = await this.request({ event: "reconnect", data: { session: this.session, seen } });
    if (ok && data) this.session = data.session;
    return ok;
  }

  async #connect(): Promise<void> {
    this.link = await Link.open(this.port, `/ws/${this.application}`, {
      // Only replies are parsed: who attacks does not pay for what it is sent.
      text: (text) => {
        if (text.startsWith(`{"id":"attack ${this.#replies}"`)) this.#reply?.(JSON.parse(text));
      },
      closed: () => this.#reply?.({ ok: false }),
    });
  }
}
