import type { Limits } from "../application/settings.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import { messageOf } from "../errors.ts";
import { EmitLimit } from "../limit/emit_limit.ts";
import { Usage } from "../limit/usage.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { Digest } from "../session/secret.ts";
import type { Effect } from "../ports/effect.ts";
import type { DirectoryUpdate, JsonText, ScriptEvent } from "../ports/event.ts";
import type { Log, LogLevel } from "../ports/log.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { RehearsalResult } from "../ports/rehearsal.ts";
import type { Reservation, Script, ScriptView, Subject } from "../ports/script.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { MakeGroup } from "../ports/socket.ts";
import { formatPosition } from "../source_position.ts";
import type { HistoryStore } from "../history/history_store.ts";
import type { Standing } from "../version/versions.ts";
import type { ExtensionOwner } from "./extension_owner.ts";
import { Schedules } from "./schedules.ts";
import type { Ticker } from "./ticker.ts";
import { Ticks } from "./ticks.ts";

/** Emits and moves that may follow from one another without a cause from outside; past it the next is dropped and logged. */
const MAX_HOPS = 100;

/** What a script is warned of in a version, each once. */
const MAX_TOLD = 100;

/** Events of which nobody is told that they were not handled. */
const untold: ReadonlySet<ScriptEvent["kind"]> = new Set(["emit", "timer", "created"]);

/** What the live extensions of a server share. */
export interface ExtensionDeps {
  readonly scripts: Scripts;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly makeGroup: MakeGroup;
  readonly deliveries: DeliveryCount;
  readonly digest: Digest;
  readonly histories: HistoryStore;
}

type Finish = (outcome: Outcome) => void;
/** Decides on an event's effects before they are carried out; see `Subject.decide`. Without a result they are. */
// biome-ignore lint/suspicious/noConfusingVoidType: most who look at an outcome have nothing to decide
type Decide = (outcome: Outcome) => boolean | Reservation | void;

/** The live extension of one room or application: its script, schedules and ticks. */
export class Extension implements Subject {
  readonly application: string;
  readonly room?: ExtensionOwner["room"];
  readonly usage: Usage;
  readonly #script: Script;
  readonly #schedules: Schedules;
  readonly #ticks: Ticks;
  readonly #emits: EmitLimit;
  /** What the script is told before its next event. */
  #news: DirectoryUpdate | undefined;
  /** Those of the version that handles the next event. */
  #limits: Limits;
  /** Who gets an event's outcome before its effects are applied. */
  readonly #before = new Map<ScriptEvent, Decide>();
  /** Why it runs the version that it runs, and since when, ms since the epoch. */
  standing: Standing = "new";
  since: number;
  /** What the script was warned of in this version, whatever sandboxes it was in. */
  readonly #told = new Set<string>();
  #closed = false;

  constructor(
    private readonly owner: ExtensionOwner,
    private readonly deps: ExtensionDeps,
    version: Version,
    definition: Definition,
  ) {
    this.application = owner.application;
    this.room = owner.room;
    this.since = deps.clock.now();
    const { schedules, usage } = owner.limits;
    this.usage = new Usage(usage);
    this.#limits = version.build.settings.limits;
    const mostSchedules = () => this.#limits.schedules;
    this.#schedules = new Schedules(deps.clock, mostSchedules, schedules, (name, data) =>
      this.dispatch({ kind: "timer", name, data }),
    );
    const mostEmits = () => this.#limits.queue;
    this.#emits = new EmitLimit(mostEmits, (text) => this.#log("warn", text));
    this.#ticks = new Ticks(deps.ticker, deps.clock, (elapsed, after) =>
      this.dispatch({ kind: "tick", elapsed }, { after }),
    );
    this.#script = deps.scripts.open(version, this);
    this.#ticks.setRate(definition.tickRate);
  }

  /** Name of the version that handles the next event. */
  get version(): string {
    return this.#script.version;
  }

  /** Whether its state outlives the server. */
  get isDurable(): boolean {
    return false;
  }

  /** Where the script runs, and what waits for it. */
  get script(): ScriptView {
    return this.#script.view;
  }

  /**
   * Queues an event. `before` gets the outcome before its effects are applied (who joined must be in the room when the
   * handler's effects reach it) and decides on them, `after` gets it after them (a reply follows what its handler sent).
   */
  dispatch(event: ScriptEvent, on?: { before?: Decide; after?: Finish }): void {
    if (this.#news !== undefined) this.#tellNews(this.#news);
    if (on?.before) this.#before.set(event, on.before);
    this.#script.dispatch(event, on?.after);
  }

  /** Has the script told of something before its next event, in the place of what it was to be told until then. */
  tell(news: DirectoryUpdate): void {
    this.#news = news;
  }

  /** Queues an emit; returns false if it was dropped, since as many wait already as may. */
  offer(type: string, data: JsonText | undefined, hops: number): boolean {
    if (!this.#emits.enter()) {
      this.usage.breach("emits");
      return false;
    }
    this.dispatch({ kind: "emit", type, data, hops }, { after: () => this.#emits.leave() });
    return true;
  }

  /** Queues an event; resolves with its outcome after its effects were applied. */
  ask(event: ScriptEvent): Promise<Outcome> {
    return new Promise((resolve) => this.dispatch(event, { after: resolve }));
  }

  get reach(): number {
    return this.owner.reach;
  }

  /** Called by the script side for each event, before its outcome. */
  decide(event: ScriptEvent, outcome: Outcome): boolean | Reservation {
    if (this.#before.size === 0) return true;
    const before = this.#before.get(event);
    this.#before.delete(event);
    return before?.(outcome) ?? true;
  }

  /** Called by the script side for each event, in order. */
  outcome(event: ScriptEvent, outcome: Outcome): void {
    this.usage.event(outcome);
    if (outcome.failure) this.#report(event, outcome);
    this.#applyAll(event, outcome);
  }

  /** Called by the script side with further effects of the last event. */
  more(event: ScriptEvent, outcome: Outcome): void {
    this.usage.more(outcome);
    this.#applyAll(event, outcome);
  }

  /** Called by the script side when the script can't go on. */
  failed(message: string, killer: boolean): void {
    this.#log("error", message);
    this.owner.failed(message, killer);
  }

  /**
   * Moves to another version. After an edit (`swapped`) the state comes along; otherwise it gets the state that it had in
   * that version, where it is still known. Resolves with the CPU time that it took, ms; rejects with the reason where the
   * script stays in its version.
   */
  async move(version: Version, definition: Definition, standing: Standing): Promise<number> {
    const script = this.#script;
    const cost = await (standing === "swapped" ? script.swap(version) : script.goBack(version));
    // Its first event may have sent it back already.
    if (this.version !== version.build.version) return cost;
    this.#setStanding(standing);
    this.#adopt(version, definition);
    return cost;
  }

  /** Keeps its version, for this reason from now on. */
  keepVersion(standing: Standing): void {
    if (this.standing !== standing) this.#setStanding(standing);
  }

  /** Forgets the state that it had before its version, which has proven itself. */
  settle(): void {
    this.#script.settle();
  }

  /** Tries a version on a copy of the script; see `Script`. */
  rehearse(version: Version): Promise<RehearsalResult> {
    return this.#script.rehearse(version);
  }

  /** Called by the script side when a first event in a new version, its own or that of a handler, failed. */
  rolledBack(failed: string, reason: string): void {
    this.#setStanding("rolled_back");
    const version = this.owner.versionNamed(this.version);
    if (version) this.#adopt(version, this.owner.definitionIn(version));
    this.#log(
      "error",
      `Rolled back to ${this.version}: its first event in ${failed} failed: ${reason}`,
      failed,
    );
    this.owner.rolledBack(failed, reason);
  }

  /** Ends schedules and ticks; the script is forgotten after what was dispatched. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ticks.setRate(undefined);
    this.#schedules.clear();
    this.#script.close();
  }

  #tellNews(update: DirectoryUpdate): void {
    this.#news = undefined;
    this.#script.dispatch({ kind: "directory", update });
  }

  /** Goes by what another version declares and sets. */
  #adopt(version: Version, definition: Definition | undefined): void {
    this.#limits = version.build.settings.limits;
    this.#told.clear();
    if (this.#closed) return;
    this.#ticks.setRate(definition?.tickRate);
    if (definition) this.owner.adopt(definition);
  }

  #setStanding(standing: Standing): void {
    this.standing = standing;
    this.since = this.deps.clock.now();
  }

  #applyAll(event: ScriptEvent, outcome: Outcome): void {
    const hops = ("hops" in event ? (event.hops ?? 0) : 0) + 1;
    for (const effect of outcome.effects) this.#apply(effect, outcome, hops);
  }

  #apply(effect: Effect, outcome: Outcome, hops: number): void {
    switch (effect.kind) {
      case "log":
        if (effect.of !== undefined && !this.#isNew(effect.of)) return;
        return this.#log(effect.level, effect.text, outcome.version);
      case "schedule":
        if (this.#closed || this.#schedules.set(effect.name, effect.ms, effect.data)) return;
        this.usage.breach("schedules");
        return this.#log(
          "error",
          `Cannot schedule "${effect.name}": ${this.#schedules.refusal(effect.name)}.`,
          outcome.version,
        );
      case "cancel":
        return this.#schedules.cancel(effect.name);
      case "emit":
        if (hops <= MAX_HOPS) break;
        return this.#log(
          "error",
          `Cannot emit "${effect.type}": ${MAX_HOPS} emits followed from one another.`,
          outcome.version,
        );
      case "move":
      case "join":
        if (hops <= MAX_HOPS) break;
        return this.#log(
          "error",
          `Cannot ${effect.kind} user "${effect.user}": ${MAX_HOPS} moves followed from one another.`,
          outcome.version,
        );
    }
    try {
      this.owner.apply(effect, hops);
    } catch (error) {
      this.#log("error", `Cannot carry out ${effect.kind}: ${messageOf(error)}`, outcome.version);
    }
  }

  #report(event: ScriptEvent, { failure, version }: Outcome): void {
    if (!failure || failure.code === "refused" || failure.code === "invalid_data") return;
    if (failure.code === "no_handler" || failure.code === "not_saved" || failure.hasNoScript) return;
    if (failure.code === "busy") {
      // Whoever sent a request is told; that an emit, a timer or the like is dropped only the log can tell.
      if (untold.has(event.kind)) this.#log("warn", failure.message, version);
      return;
    }
    const place = failure.position ? ` (${formatPosition(failure.position)})` : "";
    const what = "type" in event ? `${event.kind} "${event.type}"` : event.kind;
    const fields = failure.position ? { position: failure.position } : {};
    this.#log(
      "error",
      `The handler of ${what} failed${place}: ${failure.detail ?? failure.message}`,
      version,
      fields,
    );
  }

  /** Returns true if what `of` names was not warned of yet. */
  #isNew(of: string): boolean {
    if (this.#told.has(of) || this.#told.size >= MAX_TOLD) return false;
    this.#told.add(of);
    return true;
  }

  #log(level: LogLevel, text: string, version = this.version, fields = {}): void {
    if (!this.owner.limits.logs.take(text)) return this.usage.lineDropped();
    const room = this.room ? { room: this.room.name } : {};
    this.deps.log(level, text, { application: this.application, ...room, version, ...fields });
  }
}
