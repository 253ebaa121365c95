import { Histogram, type HistogramView } from "./histogram.ts";

/** Applications whose events are counted by themselves; those of all others are counted together. */
export const MOST_NAMED = 100;
/** What others are called that are counted together: no application, and no handler, can have that name. */
export const OTHERS = "(other)";

/** When an event came to which place, ms of the monotonic clock; 0 where it has not been there. */
export interface EventMoments {
  /** Its script took it. */
  readonly acceptedAt: number;
  /** It was handed to the script host that has answered it. */
  readonly handedAt: number;
  readonly answeredAt: number;
  /** It was through the gate; 0 where the script is not durable. */
  readonly savedAt: number;
}

/** How long the events of an application were where, as it is shown. */
export interface EventTimesView {
  readonly application: string;
  readonly queue: HistogramView;
  readonly script: HistogramView;
  readonly gate: HistogramView;
  readonly delivery: HistogramView;
}

/** How long the events of an application were where, one after the other: together that is from being taken to being carried out. */
export class EventTimes {
  /** Waiting for the script host. */
  readonly queue = new Histogram();
  /** With the script host: there, in their batch, and on their way here. */
  readonly script = new Histogram();
  /** Waiting to be saved, of durable scripts. */
  readonly gate = new Histogram();
  /** Until all that their handlers asked for was carried out. */
  readonly delivery = new Histogram();

  /** Counts an event that a script has answered, of which all is carried out `now`. */
  add({ acceptedAt, handedAt, answeredAt, savedAt }: EventMoments, now: number): void {
    this.queue.add(handedAt - acceptedAt);
    this.script.add(answeredAt - handedAt);
    if (savedAt > 0) this.gate.add(savedAt - answeredAt);
    this.delivery.add(now - (savedAt > 0 ? savedAt : answeredAt));
  }
}

/** The event times of each application, up to a number of applications: whoever writes them chooses how many there are. */
export class AllEventTimes {
  readonly #named = new Map<string, { readonly times: EventTimes; scripts: number }>();
  readonly #others = new EventTimes();
  #hasOthers = false;

  /** Returns where the events of one more script of an application are counted, until `close` is called for it. */
  open(application: string): EventTimes {
    const found = this.#named.get(application) ?? this.#add(application);
    if (!found) {
      this.#hasOthers = true;
      return this.#others;
    }
    found.scripts++;
    return found.times;
  }

  /** Notes that a script has ended for which `open` has returned `times`. */
  close(application: string, times: EventTimes): void {
    const found = this.#named.get(application);
    if (found?.times === times) found.scripts--;
  }

  /** Returns what was counted until now; that of all unnamed applications last. */
  view(): EventTimesView[] {
    const views = Array.from(this.#named, ([application, { times }]) => viewOf(application, times));
    if (this.#hasOthers) views.push(viewOf(OTHERS, this.#others));
    return views;
  }

  /** Gives an application a place of its own, that of one without scripts where all are taken. */
  #add(application: string) {
    if (this.#named.size >= MOST_NAMED) {
      const gone = [...this.#named].find(([, { scripts }]) => scripts === 0);
      if (!gone) return undefined;
      this.#named.delete(gone[0]);
    }
    const added = { times: new EventTimes(), scripts: 0 };
    this.#named.set(application, added);
    return added;
  }
}

function viewOf(application: string, { queue, script, gate, delivery }: EventTimes): EventTimesView {
  return {
    application,
    queue: queue.view(),
    script: script.view(),
    gate: gate.view(),
    delivery: delivery.view(),
  };
}
