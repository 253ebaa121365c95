import { type Account, Hearing, type Line } from "./account.ts";
import { hotroom } from "./dialects.ts";
import { clientFrame } from "./frames.ts";
import type { Member } from "./member.ts";
import { inParallel, makeRooms } from "./rooms.ts";

const decoder = new TextDecoder();

/** What the first member of a room has heard, in the room's order. */
export interface Heard {
  readonly name: string;
  /** Names of the members. */
  readonly users: string[];
  /** Who said what, in order; kept where a crowd keeps history. */
  readonly history: { from: string; seq: number }[];
}

interface Speaker {
  readonly member: Member;
  readonly name: string;
  readonly room: Heard;
  readonly hearing: Hearing;
  /** When each message without an answer was sent. */
  readonly pending: Map<number, number>;
  sent: number;
}

interface Frame {
  id?: number | string;
  ok?: boolean;
  event?: string;
  type?: string;
  data?: unknown;
  error?: { code: string; message: string };
}

/** Users in rooms of the ledger application: they talk, and account for all that they hear. */
export class Crowd {
  readonly rooms: Heard[] = [];
  readonly speakers: Speaker[] = [];
  /** Called for each line that a room's first member hears. */
  #onLine: (room: Heard, line: Line) => void = () => {};
  #talking = false;
  #answer: ((data: unknown) => void) | undefined;

  private constructor(
    readonly account: Account,
    readonly keepsHistory: boolean,
  ) {}

  /** Makes the rooms and brings `members` users into each; resolves once all are in. */
  static async gather(
    port: number,
    shape: { rooms: number; members: number },
    account: Account,
    keepsHistory = false,
  ): Promise<Crowd> {
    const crowd = new Crowd(account, keepsHistory);
    for (let i = 0; i < shape.rooms; i++) crowd.rooms.push({ name: `room${i}`, users: [], history: [] });
    await makeRooms(
      port,
      crowd.rooms.map((room) => room.name),
      "ledger",
    );
    const members = await inParallel(shape.rooms * shape.members, 32, async (i) => {
      const member = await hotroom.login(port, `user${i}`, "ledger");
      await hotroom.join(member, `room${i % shape.rooms}`);
      return member;
    });
    for (const [i, member] of members.entries()) crowd.#seat(member, i);
    return crowd;
  }

  #seat(member: Member, i: number): void {
    const room = this.rooms[i % this.rooms.length] as Heard;
    const hearing = new Hearing(this.account);
    const speaker: Speaker = { member, name: `user${i}`, room, hearing, pending: new Map(), sent: 0 };
    room.users.push(speaker.name);
    this.speakers.push(speaker);
    member.listen({
      onFrame: (_, bytes, start, end) => this.#frame(speaker, decoder.decode(bytes.subarray(start, end))),
      onClose: () => {
        this.account.faults.disconnected++;
      },
    });
  }

  /** Everybody talks without pause: again as soon as the last message is answered. */
  talk(): void {
    this.#talking = true;
    for (const speaker of this.speakers) this.#say(speaker);
  }

  /** `rate` messages a second, everybody in turn; returns what ends it. */
  pace(rate: number): () => void {
    const begin = performance.now();
    let said = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - begin) * rate) / 1_000;
      for (; said < due; said++) this.#say(this.speakers[said % this.speakers.length] as Speaker);
    }, 1);
    return () => clearInterval(timer);
  }

  /** Nobody says more; resolves once all is answered and heard, or nothing has come for three seconds. Settles the account. */
  async hush(): Promise<void> {
    this.#talking = false;
    const waiting = () => this.speakers.some((speaker) => speaker.pending.size > 0);
    let seen = -1;
    let since = performance.now();
    while (waiting() && performance.now() - since < 3_000) {
      if (seen !== this.account.deliveries) since = performance.now();
      seen = this.account.deliveries;
      await Bun.sleep(20);
    }
    await Bun.sleep(200);
    const sent = new Map(this.rooms.map((room) => [room, new Map<string, number>()]));
    for (const speaker of this.speakers) sent.get(speaker.room)?.set(speaker.name, speaker.sent);
    for (const { hearing, pending, room } of this.speakers) {
      this.account.faults.lost += pending.size;
      hearing.close(sent.get(room) ?? new Map());
    }
  }

  /** Resolves with the ms until each room has said something more, or with NaN after `patience` ms. */
  allTalk(patience = 10_000, heard: (line: Line) => boolean = () => true): Promise<number> {
    const waiting = new Set(this.rooms);
    const begin = performance.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(Number.NaN), patience);
      this.#onLine = (room, line) => {
        if (!heard(line) || !waiting.delete(room) || waiting.size > 0) return;
        clearTimeout(timer);
        resolve(performance.now() - begin);
      };
    });
  }

  /** Everybody goes; what happens to connections from now on is no fault. */
  disperse(): void {
    for (const { member } of this.speakers) member.end();
  }

  /** A room's state, asked for over its first member's connection. */
  async state(room: Heard): Promise<unknown> {
    const speaker = this.speakers.find((each) => each.room === room) as Speaker;
    const answer = new Promise((resolve) => {
      this.#answer = resolve;
    });
    speaker.member.send(frameOf(room.name, "state", "state"));
    return await answer;
  }

  #say(speaker: Speaker): void {
    const seq = speaker.sent++;
    this.account.messages++;
    speaker.pending.set(seq, performance.now());
    speaker.member.send(frameOf(speaker.room.name, "say", seq, { seq }));
  }

  #frame(speaker: Speaker, text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.id === "state") return this.#answer?.(frame.data);
    if (typeof frame.id === "number") return this.#reply(speaker, frame.id, frame);
    if (frame.event === "error") return this.#failed(frame);
    if (frame.event !== "message" || frame.type !== "said") return;
    const line = frame.data as Line;
    speaker.hearing.hear(line);
    if (speaker.name !== speaker.room.users[0]) return;
    if (this.keepsHistory) speaker.room.history.push({ from: line.from, seq: line.seq });
    this.#onLine(speaker.room, line);
  }

  #reply(speaker: Speaker, seq: number, frame: Frame): void {
    const { account } = this;
    const sentAt = speaker.pending.get(seq);
    if (sentAt === undefined) account.faults.repeated++;
    else account.replies.add((performance.now() - sentAt) * 1_000);
    speaker.pending.delete(seq);
    if (!frame.ok) this.#failed(frame);
    if (this.#talking) this.#say(speaker);
  }

  #failed({ error }: Frame): void {
    this.account.faults.failed++;
    if (this.account.errors.length < 5) this.account.errors.push(`${error?.code}: ${error?.message}`);
  }
}

function frameOf(room: string, type: string, id: number | string, data?: unknown): Uint8Array {
  return clientFrame(
    JSON.stringify({ event: "message", id, room, type, ...(data !== undefined && { data }) }),
  );
}
