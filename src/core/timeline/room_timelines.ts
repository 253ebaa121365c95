import type { Applications } from "../application/applications.ts";
import type { TrialDeps } from "../edit/edit_trials.ts";
import { HotroomError } from "../errors.ts";
import { lastStateOf, type Timeline, type Retrace, type RetracedStep } from "../ports/timeline.ts";
import { type Difference, differences } from "../version/difference.ts";
import { Breaths } from "./breaths.ts";
import { exportedTest, MOST_EXPORTED } from "./exported_test.ts";
import { type ShownEvent, shownEvent } from "./shown_event.ts";
import { type ShownStep, shownStep } from "./shown_step.ts";
import { ShownText } from "./shown_text.ts";
import { UserNames } from "./user_names.ts";

/** UTF-16 units of the states that one retrace may read. */
const STATE_UNITS = 4 * 1024 * 1024;
/** CPU time that one run may take in a sandbox, and each of two that are compared, ms: beyond it no more events are run. */
const RUN_CPU_MS = 5_000;
const COMPARED_CPU_MS = 3_000;
/** Differences between two last states that are shown. */
const MOST_DIFFERENCES = 100;

/** What a room has come by to where it is. */
export interface TimelineView {
  readonly room: string;
  readonly version: string;
  /** `start`: nothing came before the first event that is kept; `snapshot`: what came before is folded into one. */
  readonly since: "start" | "snapshot";
  /** How many events are kept, of which these are the newest. */
  readonly count: number;
  readonly events: readonly ShownEvent[];
}

/** The same with what each event came to, run again on a copy. */
export interface RetracedView extends Omit<TimelineView, "events"> {
  /** The state before the first of them, and behind the last. */
  readonly initial: unknown;
  readonly state: unknown;
  readonly events: readonly (ShownEvent & ShownStep)[];
  /** Why there are not as many as were asked for. */
  readonly cut?: string;
}

/** What an edit would have made of the same events. */
export interface ReplayView extends Omit<TimelineView, "events" | "version"> {
  readonly versions: readonly [running: string, edited: string];
  readonly events: readonly (ShownEvent & {
    readonly before: ShownStep;
    readonly after: ShownStep;
    readonly differs: readonly ("effects" | "state" | "failure")[];
  })[];
  readonly states: readonly [running: unknown, edited: unknown];
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  readonly cut?: string;
}

/** Shows what rooms have come by, and runs it again in sandboxes apart; for each application one such thing at a time. */
export class RoomTimelines {
  readonly #busy = new Set<string>();

  constructor(
    private readonly applications: Pick<Applications, "find">,
    private readonly deps: TrialDeps,
  ) {}

  /** Returns the newest events of a room, without running anything. Throws HotroomError as `#find` does. */
  list(application: string, room: string, limit: number): TimelineView {
    const timeline = this.#find(application, room);
    const names = new UserNames(timeline);
    const text = new ShownText();
    const events = timeline.events.slice(-limit).map((event) => shownEvent(event, names, text));
    return { ...headOf(room, timeline), events };
  }

  /** Resolves with the newest events of a room and what each came to. Rejects with HotroomError: `busy`, `replay_failed`. */
  retrace(application: string, room: string, steps: number): Promise<RetracedView> {
    return this.#alone(application, async () => {
      const timeline = this.#find(application, room);
      const retrace = await timeline.retrace({ steps, units: STATE_UNITS, cpu: RUN_CPU_MS });
      const text = new ShownText();
      const shown = await this.#shown(retrace, text);
      const names = new UserNames(timeline);
      const events = eventsOf(timeline, retrace).map((event, at) => ({
        ...shownEvent(event, names, text),
        ...(shown[at] as ShownStep),
      }));
      const [initial, state] = [JSON.parse(retrace.before), JSON.parse(lastStateOf(retrace))];
      return { ...headOf(room, timeline), initial, state, events, ...cutOf(retrace) };
    });
  }

  /** Resolves with the state of a room behind the event of that number. Rejects with HotroomError, `event_not_found` as well. */
  stateAt(application: string, room: string, seq: number): Promise<{ seq: number; state: unknown }> {
    return this.#alone(application, async () => {
      const timeline = this.#find(application, room);
      const { events } = timeline;
      const at = events.findIndex((event) => event.seq === seq);
      const asked = { steps: events.length - at, units: STATE_UNITS, cpu: RUN_CPU_MS };
      const retrace = at < 0 ? undefined : await timeline.retrace(asked);
      const state = retrace?.steps.find((each) => each.seq === seq)?.state;
      if (state !== undefined) return { seq, state: JSON.parse(state) };
      const why = at < 0 ? "it is not kept" : (retrace?.cut ?? "it can't be written");
      throw new HotroomError("event_not_found", `Cannot tell the state behind event ${seq}: ${why}.`);
    });
  }

  /**
   * Resolves with what the newest events of a room came to, and with what they come to where files, by path, are others. Rejects with
   * HotroomError, and BuildError.
   */
  replay(
    application: string,
    room: string,
    files: Readonly<Record<string, string>>,
    steps: number,
  ): Promise<ReplayView> {
    return this.#alone(application, async () => {
      const { scripts, builds } = this.deps;
      const timeline = this.#find(application, room);
      const version = await scripts.load(await builds.build(application, files));
      try {
        const asked = { steps, units: STATE_UNITS / 2, cpu: COMPARED_CPU_MS };
        const before = await timeline.retrace(asked);
        const after = await timeline.retrace({ ...asked, version });
        return await this.#compared(room, timeline, version.build.version, before, after);
      } finally {
        scripts.unload(version);
      }
    });
  }

  /** Resolves with a test that does again what has happened in a room. Rejects with HotroomError, `not_exportable` as well. */
  exported(application: string, room: string): Promise<string> {
    return this.#alone(application, async () => {
      const timeline = this.#find(application, room);
      const { type = "" } = this.applications.find(application)?.rooms.get(room) ?? {};
      const asked = { steps: MOST_EXPORTED, units: STATE_UNITS / 2, cpu: COMPARED_CPU_MS };
      const retrace = await timeline.retrace(asked);
      const otherwise = timeline.isWhole ? await timeline.retrace({ ...asked, isOtherwise: true }) : retrace;
      return exportedTest({ application, room, type, timeline, retrace, otherwise });
    });
  }

  async #compared(room: string, timeline: Timeline, edited: string, before: Retrace, after: Retrace) {
    const text = new ShownText();
    const names = new UserNames(timeline);
    const ran = new Map(zip(before.steps, await this.#shown(before, text)));
    const edits = new Map(zip(after.steps, await this.#shown(after, text)));
    const { version, ...head } = headOf(room, timeline);
    const events = eventsOf(timeline, before).flatMap((event) => {
      const [one, other] = [ran.get(event.seq), edits.get(event.seq)];
      if (!one || !other) return [];
      return [{ ...shownEvent(event, names, text), before: one, after: other, differs: differs(one, other) }];
    });
    const states = [JSON.parse(lastStateOf(before)), JSON.parse(lastStateOf(after))] as const;
    const { list, count } = differences(...states, MOST_DIFFERENCES);
    const versions = [version, edited] as const;
    const cut = before.cut === undefined ? cutOf(after) : cutOf(before);
    return { ...head, versions, events, states, differences: list, differenceCount: count, ...cut };
  }

  /** Resolves with what each step came to. */
  async #shown({ before, steps }: Retrace, text: ShownText): Promise<ShownStep[]> {
    const breaths = new Breaths(this.deps.clock);
    const shown: ShownStep[] = [];
    let state: unknown = JSON.parse(before);
    for (const step of steps) {
      await breaths.take();
      const next: unknown = step.state === undefined ? state : JSON.parse(step.state);
      shown.push(shownStep(step.outcome, state, next, text));
      state = next;
    }
    return shown;
  }

  async #alone<T>(application: string, task: () => Promise<T>): Promise<T> {
    if (this.#busy.has(application))
      throw new HotroomError("busy", `Cannot run events of "${application}" again: others are being run.`);
    this.#busy.add(application);
    try {
      return await task();
    } finally {
      this.#busy.delete(application);
    }
  }

  /** Throws HotroomError: `application_not_found`, `room_not_found`, and `replay_failed` while the room is coming back. */
  #find(application: string, room: string): Timeline {
    const running = this.applications.find(application);
    if (!running)
      throw new HotroomError("application_not_found", `No version of an application "${application}" runs.`);
    const found = running.rooms.get(room);
    if (!found)
      throw new HotroomError("room_not_found", `Application "${application}" has no room "${room}".`);
    const timeline = found.extension.copies.timeline();
    if (timeline) return timeline;
    throw new HotroomError("replay_failed", `Cannot show the events of room "${room}": it is coming back.`);
  }
}

function headOf(room: string, { version, isWhole, events }: Timeline) {
  const since = isWhole ? ("start" as const) : ("snapshot" as const);
  return { room, version, since, count: events.length };
}

/** Returns the events that the steps of a retrace are of. */
function eventsOf({ events }: Timeline, { steps }: Retrace) {
  const first = events.findIndex(({ seq }) => seq === steps[0]?.seq);
  return first < 0 ? [] : events.slice(first, first + steps.length);
}

function cutOf({ cut }: Retrace): { cut?: string } {
  return cut === undefined ? {} : { cut };
}

function zip(steps: readonly RetracedStep[], shown: readonly ShownStep[]): [number, ShownStep][] {
  return steps.map(({ seq }, at) => [seq, shown[at] as ShownStep]);
}

function differs(before: ShownStep, after: ShownStep): ("effects" | "state" | "failure")[] {
  const isOther = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  return [
    ...(isOther([before.effects, before.returned], [after.effects, after.returned])
      ? (["effects"] as const)
      : []),
    ...(isOther(before.changes, after.changes) ? (["state"] as const) : []),
    ...(isOther(before.failure?.message, after.failure?.message) ? (["failure"] as const) : []),
  ];
}
