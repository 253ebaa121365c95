import type { ScriptEvent } from "../ports/event.ts";
import type { EventStatus, JournaledEvent } from "../ports/timeline.ts";
import type { ShownText } from "./shown_text.ts";
import type { UserNames } from "./user_names.ts";

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
