import type { ScriptEvent, UserView } from "../ports/event.ts";
import type { EventStatus, JournaledEvent, Timeline } from "../ports/timeline.ts";
import type { ShownText } from "./shown_text.ts";

/** An event as somebody sees it who looks at a timeline. */
export interface ShownEvent {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: ScriptEvent["kind"];
  /** Type of a message or emit, name of a timer or fetch. */
  readonly type?: string;
  readonly user?: { readonly id: string; readonly name?: string };
  readonly data?: unknown;
  /** Characters of data that is too long to be shown. */
  readonly dataUnits?: number;
  readonly status: EventStatus;
}

/** The names that users of a timeline have, by id. */
export class UserNames {
  readonly #names = new Map<string, string>();

  constructor({ users, events }: Timeline) {
    for (const user of users) this.#names.set(user.id, user.name);
    for (const { event } of events) {
      for (const user of usersIn(event)) this.#names.set(user.id, user.name);
    }
  }

  /** Returns a user by its id. */
  of(id: string): { id: string; name?: string } {
    const name = this.#names.get(id);
    return name === undefined ? { id } : { id, name };
  }
}

/** Returns an event as it is shown. */
export function shownEvent(
  { seq, time, event, status }: JournaledEvent,
  names: UserNames,
  text: ShownText,
): ShownEvent {
  const type = "type" in event ? event.type : "name" in event ? event.name : undefined;
  const user = userOf(event);
  return {
    seq,
    time,
    kind: event.kind,
    ...(type !== undefined && { type }),
    ...(user !== undefined && { user: names.of(user) }),
    ...text.data(dataOf(event)),
    status,
  };
}

function usersIn(event: ScriptEvent): readonly UserView[] {
  if (event.kind === "directory") return event.update.users.add;
  return "user" in event && typeof event.user === "object" ? [event.user] : [];
}

function userOf(event: ScriptEvent): string | undefined {
  if (!("user" in event) || event.user === undefined) return undefined;
  return typeof event.user === "string" ? event.user : event.user.id;
}

function dataOf(event: ScriptEvent): string | undefined {
  switch (event.kind) {
    case "tick":
      return String(event.elapsed);
    case "fetched":
      return event.response;
    case "create":
    case "request":
      return event.request;
    case "reload":
      return JSON.stringify(event.from);
    case "close":
      return JSON.stringify(event.reason);
    default:
      return "data" in event ? event.data : undefined;
  }
}
