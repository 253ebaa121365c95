import type { Clock } from "../ports/clock.ts";
import type { ApplicationView, ServerView } from "./server_view.ts";

/** Between two points, ms; points that are kept of an application, an hour; and applications of which they are kept. */
const EVERY_MS = 5_000;
const MAX_POINTS = 720;
const MAX_APPLICATIONS = 100;

/** What an application has used in one interval, and what it had at its end. */
export interface LoadPoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** CPU time of the interval, ms, and what else its events came to in it. */
  readonly cpu: number;
  readonly events: number;
  readonly effects: number;
  readonly failures: number;
  readonly users: number;
  readonly rooms: number;
  readonly connections: number;
  /** Bytes of its sandboxes. */
  readonly memory: number;
}

/** The points of one application, and the sums that the next one is told from. */
interface Followed {
  readonly points: LoadPoint[];
  cpu: number;
  events: number;
  effects: number;
  failures: number;
}

/** The last hour of each application in points, for who draws it; of many applications the first ones. */
export class LoadHistory {
  readonly every = EVERY_MS;
  readonly #followed = new Map<string, Followed>();
  readonly #end: () => void;

  constructor(
    private readonly view: Pick<ServerView, "applications">,
    private readonly clock: Pick<Clock, "now" | "every">,
  ) {
    this.#end = clock.every(EVERY_MS, () => this.#look());
  }

  /** Returns the points of an application, oldest first; empty where it is not followed. */
  points(application: string): readonly LoadPoint[] {
    return this.#followed.get(application)?.points ?? [];
  }

  close(): void {
    this.#end();
  }

  #look(): void {
    const found = this.view.applications().slice(0, MAX_APPLICATIONS);
    const names = new Set(found.map(({ name }) => name));
    for (const name of this.#followed.keys()) if (!names.has(name)) this.#followed.delete(name);
    for (const application of found) this.#add(application);
  }

  #add({ name, usage, userCount, roomCount, connectionCount, sandboxes }: ApplicationView): void {
    const { cpu = 0, events = 0, effects = 0 } = usage ?? {};
    const failures = Object.values(usage?.failures ?? {}).reduce((sum, count) => sum + count, 0);
    const before = this.#followed.get(name);
    const followed = before ?? { points: [], cpu, events, effects, failures };
    this.#followed.set(name, followed);
    // An application that was taken away and has come back counts from nothing again.
    const since = (now: number, then: number) => (now >= then ? now - then : now);
    followed.points.push({
      at: this.clock.now(),
      cpu: Math.round(since(cpu, followed.cpu) * 10) / 10,
      events: since(events, followed.events),
      effects: since(effects, followed.effects),
      failures: since(failures, followed.failures),
      users: userCount,
      rooms: roomCount,
      connections: connectionCount,
      memory: sandboxes?.memory ?? 0,
    });
    if (followed.points.length > MAX_POINTS) followed.points.shift();
    Object.assign(followed, { cpu, events, effects, failures });
  }
}
