import type { DurablePlace } from "../durable/durable_place.ts";
import { PendingEvents, pendingOf, readPending } from "../durable/pending_events.ts";
import {
  type OpenEvent,
  type ReadJournal,
  readJournal,
  StoredJournal,
} from "../durable/journal/stored_journal.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Reservation, Script } from "../ports/script.ts";
import type { KeptPlace } from "../restore/kept_application.ts";
import { LateScript } from "../restore/late_script.ts";
import type { OpeningQueue } from "../restore/opening_queue.ts";
import type { MadeAgain } from "../session/made_again.ts";
import { Told } from "../restore/told.ts";

/** Who hears what becomes of an event. */
export interface Hearing {
  /** Decides on an event's effects before they are carried out; see `Subject.decide`. Without a result they are. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most who look at an outcome have nothing to decide
  readonly before?: (outcome: Outcome) => boolean | Reservation | void;
  readonly after?: (outcome: Outcome) => void;
}

/** What a durable extension comes back by. */
export interface Comeback {
  readonly place: KeptPlace;
  readonly queue: OpeningQueue;
  /**
   * Returns who hears what becomes of an event that was under way when the server ended; `origin` is what was given with it.
   */
  resumed(event: ScriptEvent, origin: JsonText | undefined): Hearing;
  /** Hears which events are handled again. */
  readonly again?: MadeAgain | undefined;
  /** Is called once, before the script hears anything, with what it has been told of others. */
  told(told: Told): void;
}

/** How a durable extension hands an event to its script. */
type Dispatch = (event: ScriptEvent, hearing: Hearing, kept?: Parameters<Script["dispatch"]>[2]) => void;

/** What makes an extension durable: its journal, and the events that it is still to hear. */
export class DurableExtension {
  readonly pending: PendingEvents;
  #journal: StoredJournal | undefined;
  /** Until its script is there. */
  #comeback: Comeback | undefined;

  constructor(
    readonly place: DurablePlace,
    private readonly keepVersion: (name: string) => void,
    private readonly dispatch: Dispatch,
    comeback?: Comeback,
  ) {
    this.#comeback = comeback;
    const handOver = (event: ScriptEvent, origin: JsonText, after: (outcome: Outcome) => void) =>
      dispatch(event, { after }, { origin });
    this.pending = new PendingEvents(place, handOver, comeback?.place.all("pending"));
    if (comeback) return;
    this.#journal = new StoredJournal(place, keepVersion);
    if (place.at.room !== undefined) place.clear();
  }

  /** The journal of its script; undefined where that has not come back yet. */
  get journal(): StoredJournal | undefined {
    return this.#journal;
  }

  /** Content hashes of the versions that are needed to bring its script back. */
  get hashes(): readonly string[] {
    return this.#journal?.hashes ?? [];
  }

  /**
   * Returns a script that is opened by what was kept when it is its turn, by `open`; it hears first what it has handled without all
   * of it being carried out, then what it was to hear. `failed` is called where what was kept can't be read.
   */
  comeBack(
    version: string,
    open: (journal: StoredJournal) => Script,
    failed: (error: unknown) => void,
  ): LateScript {
    const comeback = this.#comeback as Comeback;
    const late = new LateScript(version, () => comeback.queue.hurry(task));
    const task = async () => {
      try {
        const { place, queue } = comeback;
        const records = await place.events();
        await queue.inTurn(() => {
          const read = readJournal(place.one("script"), place.one("delivered"), records);
          const journal = new StoredJournal(this.place, this.keepVersion, read);
          this.#journal = journal;
          const script = open(journal);
          journal.opened();
          late.begin(script);
          this.#resume(comeback, read);
          late.open();
          this.#comeback = undefined;
        });
      } catch (error) {
        comeback.again?.complete();
        // Somebody may still be able to read it.
        this.place.leave();
        failed(error);
      }
    };
    comeback.queue.add(task);
    return late;
  }

  /** Forgets the script, which is durable no more, or has ended; of a room all goes with it. */
  forget(): void {
    if (this.place.at.room !== undefined) return this.place.forget();
    this.pending.forget();
    for (const item of ["script", "delivered"] as const) this.place.delete(item, "");
    this.place.cut("events", 0);
  }

  #resume({ place, resumed, told, again }: Comeback, { kept, open }: ReadJournal): void {
    const heard = new Told(kept);
    for (const { event } of open) if (event.event.kind === "directory") heard.add(event.event.update);
    const handled = new Set<number>();
    for (const each of open) {
      const id = pendingOf(each.event.origin);
      if (id !== undefined) handled.add(id);
      this.#again(each, id, (event, origin) => {
        const hearing = resumed(event, origin);
        return again?.add(hearing) ?? hearing;
      });
    }
    again?.complete();
    told(heard);
    for (const { id, event } of readPending(place.all("pending")))
      if (!handled.has(id)) this.pending.again(id, event, resumed(event, undefined).after);
  }

  #again({ event: kept, effects }: OpenEvent, id: number | undefined, resumed: Comeback["resumed"]): void {
    const { seq, time, event, origin } = kept;
    // All of it was carried out: it runs again for the state alone.
    const hearing = effects === Number.MAX_SAFE_INTEGER ? {} : resumed(event, origin);
    const after = id === undefined ? hearing.after : this.pending.done(id, hearing.after);
    this.dispatch(
      event,
      { ...hearing, ...(after && { after }) },
      { ...(origin !== undefined && { origin }), again: { seq, time, effects } },
    );
  }
}
