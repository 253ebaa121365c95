import type { DurableApplication } from "../durable/durable_application.ts";
import type { BacklogKeeper } from "../history/backlog.ts";
import { type Companion, FrameLog } from "../history/frame_log.ts";
import type { FrameNumbers, KeptNumbers } from "../history/frame_numbers.ts";
import { keyOf, type ReadRecords } from "../history/frame_record.ts";
import type { History } from "../history/history.ts";
import type { JsonText } from "../ports/event.ts";
import type { User } from "../user/user.ts";
import { type KeptAnswers, keptTextOf } from "./kept_user.ts";
import { MadeAgain } from "./made_again.ts";
import type { SessionKeeper } from "./session.ts";

/** What a record of frames has of users, and of numbers. */
interface Written {
  /** The last number that a frame had. */
  readonly last: number;
  /** Which of them are not known, where that is another than before. */
  readonly numbers?: KeptNumbers;
  /** Set if no number was given after that: the server has stopped. */
  readonly isEnd?: true;
  /** By id of the user. */
  readonly answers: Readonly<Record<string, KeptAnswers>>;
}

/** Keeps the users of one durable application, their sessions, and the frames that they may have missed. */
export class DurableUsers implements Companion, SessionKeeper {
  readonly log: FrameLog;
  /** Users of whose frames some were answered. */
  #answered: User[] = [];
  /** What was read: the answers of sessions by id of the user, and the numbers. */
  readonly #answers = new Map<string, KeptAnswers>();
  #numbers: KeptNumbers = { last: 0, gaps: [], again: [] };
  /** Of scripts that are not up, by the name of their room. */
  readonly #again = new Map<string, MadeAgain>();
  #wasEnd = false;
  #isEnd = false;
  /** How often the numbers had changed otherwise than by one when they were written. */
  #changes = -1;

  constructor(
    private readonly kept: DurableApplication,
    private readonly numbers: FrameNumbers,
    private readonly users: ReadonlyMap<string, User>,
  ) {
    this.log = new FrameLog(kept.place.at, kept, this);
    kept.textOf = (user) => keptTextOf(user, (history) => this.log.keyOf(history));
  }

  /** Something is other than before that is kept of a user. */
  changed(user: User): void {
    if (user.session) this.kept.putUser(user);
  }

  answered(user: User): void {
    if (this.#answered.length === 0) this.log.changed();
    this.#answered.push(user);
  }

  /** Resolves when what happened in this turn of the loop is committed, or with false where it can't be. */
  saved(): Promise<boolean> {
    return this.kept.saved();
  }

  /**
   * Returns what resolves when the scripts of a user's rooms, of those that it had asked to let it in, and its application's, have done
   * again what was not kept in full when the server ended; undefined where they have.
   */
  isUpFor(user: User): Promise<unknown> | undefined {
    const names = ["", ...Array.from(user.rooms, ({ name }) => name), ...user.asked];
    const waiting = names.map((name) => this.#again.get(name)?.done).filter((done) => done !== undefined);
    if (waiting.length > 0) return Promise.all(waiting);
    // What it had asked before the server's end is answered.
    if (user.joining.size === 0 && user.entering.size === 0) user.asked.clear();
    return undefined;
  }

  /** Returns what hears of the events that the script of a room ("" for the application's own) handles again. */
  again(room: string): MadeAgain {
    const again = new MadeAgain(this.numbers);
    this.#again.set(room, again);
    void again.done.then(() => this.#again.delete(room));
    return again;
  }

  /** Returns who writes down what a user has not seen. */
  keeperOf(user: User): BacklogKeeper {
    return {
      open: (own) => this.log.open(own, user.id),
      forget: (own) => this.log.forget(own),
      changed: () => this.changed(user),
    };
  }

  /** Writes down what all of a room hear, or, with null, all of the application. */
  keep(history: History, room: string | null): void {
    this.log.open(history, keyOf(room));
  }

  /** Returns the answers that were kept of a user's session. */
  answersOf(id: string): KeptAnswers | undefined {
    return this.#answers.get(id);
  }

  /** Goes on behind what was read; call it before any history or user is restored. */
  goOn(read: ReadRecords): void {
    this.log.goOn(read);
    this.numbers.goOn(
      { ...this.#numbers, last: Math.max(this.#numbers.last, this.log.highest) },
      this.#wasEnd,
    );
    // Before anybody is given a number: another end must not go on where this one did.
    this.log.changed();
  }

  /** Notes that no frame gets a number any more: the server stops. */
  end(): void {
    this.#isEnd = true;
    this.log.changed();
  }

  take(isAll: boolean): JsonText {
    const users = isAll ? this.users.values() : this.#answered;
    let answers = "";
    for (const { id, session } of users)
      if (session) answers += `${answers && ","}"${id}":${session.takeAnswers()}`;
    this.#answered = [];
    const { last, changes } = this.numbers;
    const areNew = isAll || changes !== this.#changes;
    this.#changes = changes;
    const numbers = areNew ? `,"numbers":${JSON.stringify(this.numbers.kept)}` : "";
    const end = this.#isEnd ? ',"isEnd":true' : "";
    return `{"last":${last}${numbers}${end},"answers":{${answers}}}`;
  }

  restore(written: unknown): void {
    const { last, numbers, isEnd, answers } = written as Written;
    this.#numbers = { ...(numbers ?? this.#numbers), last };
    this.#wasEnd = isEnd === true;
    for (const [id, each] of Object.entries(answers)) this.#answers.set(id, each);
  }
}
