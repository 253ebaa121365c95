/** A client of the stage, whose frames are served one after another. */
import type { Link, Stage } from "../session/stage.ts";

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
export type Frame = any;

export class Guest {
  link: Link;
  session = "";

  private constructor(
    readonly stage: Stage,
    readonly name: string,
    private readonly address?: string,
  ) {
    this.link = stage.open(address);
  }

  /** Logs in and joins a room. */
  static async enter(stage: Stage, name: string, room: string, address?: string): Promise<Guest> {
    const guest = new Guest(stage, name, address);
    const [login] = await guest.ask({ event: "login", id: "login", data: { name } });
    guest.session = login.data.session;
    await guest.ask({ event: "join", id: "join", room });
    return guest;
  }

  /** Sends a frame, has the scripts answer all that they are asked, and returns what has come. */
  async ask(frame: object): Promise<Frame[]> {
    this.link.toServer.push(JSON.stringify(frame));
    return this.served();
  }

  /** Serves what the client has sent, with the scripts' answers, and returns what has come. */
  async served(): Promise<Frame[]> {
    while (this.link.read() !== undefined);
    await this.stage.settled();
    while (this.stage.waiting > 0) {
      this.stage.answer();
      await this.stage.settled();
    }
    return this.take();
  }

  /** Comes back by a new link; returns what has come at once, without an answer of a script. */
  back(seen?: number): Frame[] {
    this.link = this.stage.open(this.address);
    const data = { session: this.session, ...(seen === undefined ? {} : { seen }) };
    this.link.toServer.push(JSON.stringify({ event: "reconnect", id: "back", data }));
    while (this.link.read() !== undefined);
    const frames = this.take();
    const reply = frames.find(({ id }) => id === "back");
    if (reply.ok) this.session = reply.data.session;
    return frames;
  }

  /** Takes what has come. */
  take(): Frame[] {
    return this.link.toClient.splice(0).map((text) => JSON.parse(text));
  }
}
