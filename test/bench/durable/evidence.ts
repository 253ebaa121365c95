import { type Book, bookOf, type Line, sumOf } from "./ledger.ts";

/** How somebody knows of an event. */
type Way = "acknowledged" | "heard";

/** What is known of one event of a room. */
interface Known {
  readonly line: Line;
  /** Whether its client has had the answer. */
  isAcknowledged: boolean;
  /** How many kills there had been when it became known. */
  readonly kills: number;
}

/** What went wrong, counted; all of it must be 0. */
export interface Findings {
  /** Events whose answer the client had, and that the room has no more. */
  lost: number;
  /** Events of which somebody was told, and that the room has no more. */
  takenBack: number;
  /** Events that the room has twice. */
  repeated: number;
  /** Events that the room tells otherwise than before: what a replay came to. */
  changed: number;
  /** Rooms whose book is not that of the control. */
  unequal: number;
  /** Sessions that were over though their clients came back in time. */
  expired: number;
  /** Frames that a client got twice, or that were left out without a word. */
  frames: number;
  /** What was answered with an error, or against the rules of the wire. */
  broken: number;
  /** Requests that were never answered. */
  unanswered: number;
}

/** What all clients were told of all rooms, over all kills; each contradiction is a fault. */
export class Evidence {
  readonly findings: Findings = {
    lost: 0,
    takenBack: 0,
    repeated: 0,
    changed: 0,
    unequal: 0,
    expired: 0,
    frames: 0,
    broken: 0,
    unanswered: 0,
  };
  /** The first of them in words. */
  readonly notes: string[] = [];
  /** Kills so far, each in words. */
  readonly kills: string[] = [];
  /** Events that were acknowledged, and frames that told of events. */
  acknowledged = 0;
  deliveries = 0;
  /** Times that a client came back to less than there was, and was told so. */
  resets = 0;
  /** Answers that a client had already, and that came once more, the same, since it was not known whether it had them. */
  answersAgain = 0;
  /** Is called where a room has answered what was sent to it over a connection that still lives. */
  answered: (room: string) => void = () => {};
  readonly #rooms = new Map<string, Map<number, Known>>();
  /** Where each event stands, by room, client and number. */
  readonly #places = new Map<string, number>();

  get total(): number {
    return Object.values(this.findings).reduce((sum, each) => sum + each, 0);
  }

  note(kind: keyof Findings, text: string, count = 1): void {
    if (count === 0) return;
    this.findings[kind] += count;
    if (this.notes.length < 40) this.notes.push(`${kind}, after kill ${this.kills.length}: ${text}`);
  }

  /** A client was told of an event. */
  told(room: string, line: Line, way: Way): void {
    if (way === "acknowledged") this.acknowledged++;
    else this.deliveries++;
    const known = this.#knownAt(room, line.at);
    if (!known) return this.#learn(room, line, way);
    if (known.line.by !== line.by || known.line.n !== line.n) this.#replaced(room, known, line, way);
    else if (known.line.luck !== line.luck || known.line.sum !== line.sum)
      this.note("changed", `${room}: ${JSON.stringify(known.line)} is now ${JSON.stringify(line)}`);
    else if (way === "acknowledged") known.isAcknowledged = true;
  }

  /** Compares a room's book with that of the control, after the same events in the same order. */
  compare(room: string, book: Omit<Book, "editions">): void {
    const lines = this.#linesOf(room);
    for (const known of lines) this.#checkKept(room, known, book);
    const control = bookOf(lines.map(({ line }) => line));
    const [is, must] = [book, control].map(({ total, sum, last, wrong }) =>
      JSON.stringify([total, sum, Object.entries(last).sort(), wrong]),
    );
    if (is !== must) this.note("unequal", `${room} is ${is}, control ${must}; ${this.#firstBreak(lines)}`);
  }

  #learn(room: string, line: Line, way: Way): void {
    const place = `${room}\n${line.by}\n${line.n}`;
    const before = this.#places.get(place);
    if (before !== undefined)
      this.note("repeated", `${room}: ${line.by}'s ${line.n} was at ${before}, and is at ${line.at}`);
    this.#places.set(place, line.at);
    const known = { line, isAcknowledged: way === "acknowledged", kills: this.kills.length };
    const lines = this.#rooms.get(room) ?? new Map<number, Known>();
    this.#rooms.set(room, lines.set(line.at, known));
  }

  #replaced(room: string, known: Known, line: Line, way: Way): void {
    const what = `${room}: ${known.line.by}'s ${known.line.n} at ${known.line.at}, known since kill ${known.kills}`;
    const text = `${what}, is now ${line.by}'s ${line.n}; last kill: ${this.kills.at(-1)}`;
    this.note(known.isAcknowledged ? "lost" : "takenBack", text);
    this.#places.delete(`${room}\n${known.line.by}\n${known.line.n}`);
    this.#rooms.get(room)?.delete(line.at);
    this.#learn(room, line, way);
  }

  #checkKept(room: string, { line, isAcknowledged, kills }: Known, book: Pick<Book, "last" | "total">): void {
    if ((book.last[line.by] ?? 0) >= line.n && line.at <= book.total) return;
    const text = `${room}: ${line.by}'s ${line.n} at ${line.at}, known since kill ${kills}, is not in the book`;
    this.note(isAcknowledged ? "lost" : "takenBack", text);
  }

  /** Returns where the room's own sums part from the control's. */
  #firstBreak(lines: readonly Known[]): string {
    let before: Line | undefined;
    for (const { line } of lines) {
      if (line.at !== (before?.at ?? 0) + 1) return `nobody knows of ${(before?.at ?? 0) + 1}`;
      if (line.sum !== sumOf(before?.sum ?? 0, line))
        return `the sum is another from ${JSON.stringify(line)} on`;
      before = line;
    }
    return "no event tells";
  }

  #linesOf(room: string): Known[] {
    return [...(this.#rooms.get(room)?.values() ?? [])].sort((a, b) => a.line.at - b.line.at);
  }

  #knownAt(room: string, at: number): Known | undefined {
    return this.#rooms.get(room)?.get(at);
  }
}
