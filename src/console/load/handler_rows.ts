import type { HandlerView } from "../../core/trace/handler_times.ts";

/** What one handler uses now, and what it used before the last edit. */
export interface HandlerRow {
  readonly type: string | null;
  readonly handler: string;
  /** CPU time, ms a second, and events a second, between the last two looks; absent after the first. */
  readonly load?: number;
  readonly rate?: number;
  /** In the live version, and in the one before it; absent where it had no event there. */
  readonly now?: HandlerView;
  readonly before?: HandlerView;
}

/** What the looks at an application's handlers tell together. */
export class HandlerRows {
  #last = new Map<string, HandlerView>();
  #at: number | undefined;

  /** Returns the rows after one more look at a time, ms, those that use the most first; `live` is the name of the live version. */
  look(found: readonly HandlerView[], live: string | undefined, at: number): HandlerRow[] {
    const seconds = this.#at === undefined ? 0 : (at - this.#at) / 1000;
    const rows = new Map<string, HandlerRow>();
    for (const view of found) {
      const { type, handler, version } = view;
      const key = `${type === null ? "" : `${type} `}${handler}`;
      const row = rows.get(key) ?? { type, handler };
      const isLive = version === live;
      rows.set(key, {
        ...row,
        ...(isLive ? { now: view, ...this.#pace(view, seconds) } : { before: view }),
      });
    }
    this.#last = new Map(found.map((view) => [nameOf(view), view]));
    this.#at = at;
    const weight = ({ load = 0, now }: HandlerRow) => [load, now?.cpu ?? 0] as const;
    return [...rows.values()].sort((a, b) => {
      const [loadA, cpuA] = weight(a);
      const [loadB, cpuB] = weight(b);
      return loadB - loadA || cpuB - cpuA;
    });
  }

  /** What it has used a second since the look before. */
  #pace(view: HandlerView, seconds: number): Pick<HandlerRow, "load" | "rate"> {
    if (seconds <= 0) return {};
    const last = this.#last.get(nameOf(view));
    // A server that was started again counts from nothing.
    const since = last && last.events <= view.events ? last : { cpu: 0, events: 0 };
    return { load: (view.cpu - since.cpu) / seconds, rate: (view.events - since.events) / seconds };
  }
}

/** CPU time of an event, µs; undefined where there was none. */
export function eachOf(view: HandlerView | undefined): number | undefined {
  return view && view.events > 0 ? (1000 * view.cpu) / view.events : undefined;
}

function nameOf({ type, handler, version }: HandlerView): string {
  return JSON.stringify([type, handler, version]);
}
