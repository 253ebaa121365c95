import type { Build } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { Durability, Write } from "../ports/journal_store.ts";
import type { JsonText } from "../ports/event.ts";
import type { Unsaved } from "../ports/script_journal.ts";
import type { KeptApplication } from "../restore/kept_application.ts";
import type { User } from "../user/user.ts";
import { DurablePlace, type PlaceWriter } from "./durable_place.ts";
import { PendingMoves } from "./pending_moves.ts";
import type { GroupCommit } from "./commit/group_commit.ts";

/** What a durable application is written with. */
export interface DurableApplicationDeps {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  /** What a commit of it outlives, as its settings say. */
  readonly durability: () => Durability;
}

/**
 * What is written of one application: all that is written in one turn of the loop is committed together. After `stop` nothing
 * is written any more, whatever happens to what is in memory.
 */
export class DurableApplication implements PlaceWriter {
  /** The application's own. */
  readonly place: DurablePlace;
  moves: PendingMoves;
  /** Returns a user as it is kept; undefined where it is not. */
  textOf: (user: User) => JsonText | undefined = () => undefined;
  #isStopped = false;
  /** Content hashes of the versions that are kept. */
  readonly #versions = new Set<string>();
  /** Users that are not to be kept any more. */
  readonly #gone = new WeakSet<User>();

  constructor(
    private readonly deps: DurableApplicationDeps,
    readonly name: string,
    private readonly stopped: () => void = () => {},
  ) {
    this.place = new DurablePlace(this, { application: name });
    this.moves = new PendingMoves(this.place);
  }

  get clock(): Clock {
    return this.deps.clock;
  }

  /** Whether nothing is written any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Why nothing can be saved at the moment; undefined where it can. */
  get problem(): string | undefined {
    return this.deps.commit.problem;
  }

  /** Returns the place of a room. */
  room(name: string): DurablePlace {
    return new DurablePlace(this, { application: this.name, room: name });
  }

  /** UTF-16 units that are not committed yet, of all applications. */
  get units(): number {
    return this.deps.commit.units;
  }

  /** Adds a change that follows from what is carried out already. */
  write(write: Write): void {
    if (!this.#isStopped) this.deps.commit.write(write, this.deps.durability());
  }

  /** Adds a change that is made out when it is committed: one of an owner, however often it is asked for. */
  writeLast(owner: object, make: () => Write | undefined): void {
    if (!this.#isStopped) this.deps.commit.writeLast(owner, make, this.deps.durability());
  }

  /** The same of an owner that does not ask again before it is made out. */
  writeDue(make: () => Write | undefined): void {
    if (!this.#isStopped) this.deps.commit.writeDue(make, this.deps.durability());
  }

  /** Adds a change that does not happen where it can't be saved now; `unsaved` hears whether it is. */
  enter(write: Write, unsaved: Unsaved): void {
    if (this.#isStopped) this.after(unsaved);
    else this.deps.commit.enter(write, this.deps.durability(), unsaved);
  }

  /** Calls back, in the order of the calls, when all that was written before is committed, or with false where it can't be. */
  after(unsaved: Unsaved): void {
    if (!this.#isStopped) return this.deps.commit.after(this.deps.durability(), unsaved);
    // Nobody hears what is in memory any more, and nobody is to wait for it.
    queueMicrotask(() => unsaved.settled(true));
  }

  /** Resolves when all that was written before is committed, or with false where it can't be. */
  saved(): Promise<boolean> {
    return new Promise((resolve) => this.after({ settled: resolve }));
  }

  /** Keeps a version whose scripts are kept. */
  keepVersion(build: Build): void {
    if (this.#versions.has(build.hash)) return;
    this.#versions.add(build.hash);
    this.place.put("version", build.hash, writtenBuild(build));
  }

  /** Goes on with what was kept. */
  goOn({ versions, place }: KeptApplication): void {
    for (const hash of versions) this.#versions.add(hash);
    this.moves = new PendingMoves(this.place, place.all("pending"));
  }

  /** Forgets the versions whose content hash is none of those. */
  dropVersions(needed: ReadonlySet<string>): void {
    for (const hash of [...this.#versions]) {
      if (needed.has(hash)) continue;
      this.#versions.delete(hash);
      this.place.delete("version", hash);
    }
  }

  /** Keeps a user as it is when what happens in this turn of the loop is committed. */
  putUser(user: User): void {
    if (this.#gone.has(user)) return;
    this.place.putLast(user, "user", user.id, () => (this.#gone.has(user) ? undefined : this.textOf(user)));
  }

  /** Forgets a user. */
  deleteUser(user: User): void {
    this.#gone.add(user);
    this.place.delete("user", user.id);
  }

  /** Forgets all of the application, which is durable no more, or gone. */
  forget(): void {
    this.place.forget();
    this.stop();
  }

  /** Writes nothing from now on: what is kept stays as it is. */
  stop(): void {
    this.#isStopped = true;
    this.stopped();
  }
}

/** Returns a build as it is kept. */
function writtenBuild({ files, sources, rooms, ...rest }: Build): JsonText {
  return JSON.stringify({ ...rest, files: [...files], sources: [...sources], rooms: [...rooms] });
}
