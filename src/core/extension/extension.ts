import type { Limits } from "../application/settings.ts";
import { PendingEvents } from "../durable/pending_events.ts";
import { messageOf } from "../errors.ts";
import { EmitLimit, MAX_HOPS, tooMany } from "./emit_limit.ts";
import { Fetches } from "../fetch/fetches.ts";
import { Usage } from "../limit/usage.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Effect } from "../ports/effect.ts";
import type { DirectoryUpdate, JsonText, ScriptEvent } from "../ports/event.ts";
import type { ItemKind } from "../ports/journal_store.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { KeptAs, Reservation, Script, ScriptView, Subject } from "../ports/script.ts";
import type { ScriptJournal } from "../ports/script_journal.ts";
import type { ScriptTimes } from "../trace/handler_times.ts";
import type { Standing } from "../version/versions.ts";
import { type Comeback, DurableExtension, type Hearing } from "./durable_extension.ts";
import type { ExtensionDeps } from "./extension_deps.ts";
import { ExtensionLog } from "./extension_log.ts";
import type { ExtensionOwner } from "./extension_owner.ts";
import { Ticks } from "./ticks.ts";
import { Timers } from "./timers/timers.ts";

/** The live extension of one room or application: its script, schedules and ticks. */
export class Extension implements Subject {
  readonly application: string;
  readonly room?: ExtensionOwner["room"];
  readonly usage: Usage;
  readonly #script: Script;
  /** Absent where it is not durable. */
  #durable: DurableExtension | undefined;
  readonly #timers: Timers;
  readonly #fetches: Fetches;
  readonly #ticks: Ticks;
  readonly #emits: EmitLimit;
  /** What the script is told before its next event. */
  #news: DirectoryUpdate | undefined;
  /** Those of the version that handles the next event. */
  #limits: Limits;
  /** Who gets an event's outcome before its effects are applied. */
  readonly #before = new Map<ScriptEvent, NonNullable<Hearing["before"]>>();
  /** Why it runs the version that it runs, and since when, ms since the epoch. */
  standing: Standing = "new";
  since: number;
  readonly #lines: ExtensionLog;
  /** Where it is counted what its handlers use, in the version that has handled the last event. */
  #handlers: ScriptTimes | undefined;
  #closed = false;

  constructor(
    private readonly owner: ExtensionOwner,
    private readonly deps: ExtensionDeps,
    version: Version,
    definition: Definition,
    comeback?: Comeback,
  ) {
    this.application = owner.application;
    this.room = owner.room;
    this.since = deps.clock.now();
    const { schedules, usage } = owner.limits;
    this.usage = new Usage(usage);
    this.#lines = new ExtensionLog(owner, this.usage, deps, () => this.version);
    this.#limits = version.build.settings.limits;
    const dispatch = (event: ScriptEvent, on?: Hearing) => this.dispatch(event, on);
    const most = () => this.#limits.schedules;
    this.#timers = new Timers(deps.clock, most, schedules, dispatch, () => this.#durable, this.room?.name);
    this.#fetches = new Fetches(owner.limits.fetches, deps, dispatch, () => this.#durable?.place);
    const warn = (text: string) => this.#lines.write("warn", text);
    this.#emits = new EmitLimit(() => this.#limits.queue, warn);
    const tick = (elapsed: number, after: () => void) => this.dispatch({ kind: "tick", elapsed }, { after });
    const isWanted = () => this.#durable?.journal?.problem === undefined;
    this.#ticks = new Ticks(deps.ticker, deps.clock, tick, isWanted);
    this.#durable = this.#durableBy(definition, comeback);
    this.#script = this.#open(version, comeback);
    this.#ticks.setRate(definition.tickRate);
    this.#timers.setCron(definition.cron);
  }

  /** Name of the version that handles the next event. */
  get version(): string {
    return this.#script.version;
  }

  /** Whether its state outlives the server. */
  get isDurable(): boolean {
    return this.#durable !== undefined;
  }

  /** Content hashes of the versions that are needed to bring its script back. */
  get hashes(): readonly string[] {
    return this.#durable?.hashes ?? [];
  }

  /** Where the script runs, and what waits for it. */
  get script(): ScriptView {
    return this.#script.view;
  }

  /**
   * Queues an event. `before` gets the outcome before its effects are applied (who joined must be in the room when the
   * handler's effects reach it) and decides on them, `after` gets it after them (a reply follows what its handler sent). `origin` is
   * what a durable extension keeps with the event. One that follows from what has happened has no `before`.
   */
  dispatch(event: ScriptEvent, on?: Hearing & { readonly origin?: JsonText }): void {
    if (this.#news !== undefined) this.#tellNews(this.#news);
    if (this.#durable && PendingEvents.keeps(event)) return this.#durable.pending.add(event, on?.after);
    const origin = on?.origin;
    this.#handOver(event, on ?? {}, origin === undefined ? undefined : { origin });
  }

  /** Has the script told of something before its next event, in the place of what it was to be told until then. */
  tell(news: DirectoryUpdate): void {
    this.#news = news;
  }

  /** Keeps an item of it, where it is durable, as it is when what happens in this turn of the loop is committed. */
  keepLast(item: ItemKind, text: () => JsonText | undefined): void {
    this.#durable?.place.putLast(this, item, "", text);
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

  /** Resolves with its state, between two events. Rejects with HotroomError: `room_closed`, `state_not_written`. */
  readState(): Promise<JsonText> {
    return this.#script.readState();
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
    if (this.#timers.isUnheard(event, outcome)) return;
    this.usage.event(outcome);
    if (this.#handlers?.version !== outcome.version) this.#handlers = this.owner.handlersIn(outcome.version);
    this.#handlers?.add(event, outcome);
    if (outcome.failure) this.#lines.report(event, outcome);
    this.#applyAll(event, outcome);
  }

  /** Called by the script side with further effects of the last event. */
  more(event: ScriptEvent, outcome: Outcome): void {
    this.usage.more(outcome);
    this.#applyAll(event, outcome);
  }

  /** Called by the script side when the script can't go on. */
  failed(message: string, killer: boolean): void {
    this.#lines.write("error", message);
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

  /** What shows, and tries, its script on copies of it. */
  get copies(): Pick<Script, "rehearse" | "timeline"> {
    return this.#script;
  }

  /** Called by the script side when a first event in a new version, its own or that of a handler, failed. */
  rolledBack(failed: string, reason: string): void {
    this.#setStanding("rolled_back");
    const version = this.owner.versionNamed(this.version);
    if (version) this.#adopt(version, this.owner.definitionIn(version));
    this.#lines.write(
      "error",
      `Rolled back to ${this.version}: its first event in ${failed} failed: ${reason}`,
      failed,
    );
    this.owner.rolledBack(failed, reason);
  }

  /** Ends schedules and ticks; the script is forgotten after what was dispatched, and what was kept of it at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fetches.close();
    this.#durable?.forget();
    this.#ticks.setRate(undefined);
    this.#timers.clear();
    this.#script.close();
  }

  #open(version: Version, comeback: Comeback | undefined): Script {
    const durable = this.#durable;
    if (!comeback || !durable) return this.deps.scripts.open(version, this, durable?.journal);
    this.#timers.restore(comeback.place.all("schedule"));
    this.#fetches.restore(comeback.place.all("pending"));
    const open = (journal: ScriptJournal) => this.deps.scripts.open(version, this, journal);
    const failed = (error: unknown) => this.failed(`Cannot bring it back: ${messageOf(error)}`, false);
    return durable.comeBack(version.build.version, open, failed);
  }

  /** Returns what it is durable by, where it is. */
  #durableBy(definition: Definition, comeback?: Comeback): DurableExtension | undefined {
    const place = definition.isDurable ? this.owner.place() : undefined;
    if (!place) return undefined;
    const keepVersion = (name: string) => this.owner.keepVersion(name);
    const dispatch: ConstructorParameters<typeof DurableExtension>[2] = (...args) => this.#handOver(...args);
    return new DurableExtension(place, keepVersion, dispatch, comeback);
  }

  #handOver(event: ScriptEvent, { before, after }: Hearing, kept?: KeptAs): void {
    if (before) this.#before.set(event, before);
    this.#timers.add(event);
    this.#script.dispatch(event, after, kept, this.deps.tracing?.event(event, this.owner));
  }

  /** Is durable, or not, as its definition says now. */
  #followDurability(definition: Definition): void {
    if (this.#closed || (definition.isDurable ?? false) === this.isDurable) return;
    this.#timers.forgetKept();
    this.#fetches.forgetKept();
    this.#durable?.forget();
    this.#durable = this.#durableBy(definition);
    this.#script.keep(this.#durable?.journal);
    this.#timers.keepAll();
    this.#fetches.keepAll();
    this.owner.durabilityChanged();
  }

  #tellNews(update: DirectoryUpdate): void {
    this.#news = undefined;
    this.#script.dispatch({ kind: "directory", update });
  }

  /** Goes by what another version declares and sets. */
  #adopt(version: Version, definition: Definition | undefined): void {
    this.#limits = version.build.settings.limits;
    this.#lines.begin();
    if (this.#closed) return;
    this.#ticks.setRate(definition?.tickRate);
    this.#timers.setCron(definition?.cron);
    if (definition) this.#followDurability(definition);
    if (definition) this.owner.adopt(definition);
  }

  #setStanding(standing: Standing): void {
    this.standing = standing;
    this.since = this.deps.clock.now();
    this.owner.standingChanged();
  }

  #applyAll(event: ScriptEvent, outcome: Outcome): void {
    const hops = ("hops" in event ? (event.hops ?? 0) : 0) + 1;
    for (const effect of outcome.effects) this.#apply(effect, outcome, hops);
  }

  #schedule(effect: Extract<Effect, { kind: "schedule" }>, { version }: Outcome): void {
    const why = this.#closed ? undefined : this.#timers.set(effect);
    if (why === undefined) return;
    this.usage.breach("schedules");
    this.#lines.write("error", `Cannot schedule "${effect.name}": ${why}.`, version);
  }

  #apply(effect: Effect, outcome: Outcome, hops: number): void {
    switch (effect.kind) {
      case "log":
        if (effect.of !== undefined && !this.#lines.isNew(effect.of)) return;
        return this.#lines.write(effect.level, effect.text, outcome.version);
      case "schedule":
        return this.#schedule(effect, outcome);
      case "cancel":
        return this.#timers.cancel(effect);
      case "fetch":
      case "emit":
      case "move":
      case "join":
        if (hops > MAX_HOPS) return this.#lines.write("error", tooMany(effect), outcome.version);
        if (effect.kind !== "fetch") break;
        return this.#fetches.ask(effect, this.owner.versionNamed(outcome.version), hops);
    }
    try {
      this.owner.apply(effect, hops);
    } catch (error) {
      this.#lines.write("error", `Cannot carry out ${effect.kind}: ${messageOf(error)}`, outcome.version);
    }
  }
}
