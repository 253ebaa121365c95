import type { JsonText, ScriptEvent, UserView } from "../../../core/ports/event.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import { Flag, kinds, type OpenRequest } from "../../wire/batch/batch.ts";
import type { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { Suspicion } from "./suspicion.ts";

/** Numbers of the kinds of tasks. */
const numbers = Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Record<
  Task["kind"],
  number
>;

/** What a call's row and the names around its data count, UTF-16 units. */
const ROW = 64;

/** What a script host is asked to do with one script: an event, or what no handler hears. */
export type Task =
  | ScriptEvent
  | { readonly kind: "open"; readonly request: JsonText }
  | { readonly kind: "snapshot" }
  | { readonly kind: "end" };

/**
 * One task of one script. The object outlives sandboxes and hosts: it is handed over again with the same seq and time
 * until it is answered, and carries what is suspected of it.
 */
export class Call {
  /** Milliseconds since the epoch as the handler sees it; fixed when it is first handed over. */
  time: number | undefined;
  /** About how many UTF-16 units it takes in a batch. */
  readonly weight: number;
  #done: ((outcome: Outcome) => void) | undefined;
  #suspicion: Suspicion | undefined;

  constructor(
    readonly task: Task,
    /** From 1 for events; 0 for the rest, which are no events of the script. */
    readonly seq = 0,
    done?: (outcome: Outcome) => void,
  ) {
    this.#done = done;
    this.weight = weightOf(task);
  }

  /** Who dispatched it is told once; what they had in hand then is not kept with the call, which a journal may keep long. */
  takeDone(): ((outcome: Outcome) => void) | undefined {
    const done = this.#done;
    this.#done = undefined;
    return done;
  }

  /** What is held against it; made when it is first asked for, since next to no call is ever suspected. */
  get suspicion(): Suspicion {
    this.#suspicion ??= new Suspicion();
    return this.#suspicion;
  }

  /** Whether anything may be held against it. */
  get isSuspect(): boolean {
    return this.#suspicion !== undefined;
  }

  /** The same task at the same time, free of suspicion: for a sandbox where nothing that it does counts. */
  copy(): Call {
    const copy = new Call(this.task, this.seq);
    copy.time = this.time;
    return copy;
  }

  /** Adds it to a batch that is made `now`. */
  encode(batch: BatchEncoder, script: number, now: number, muted: boolean, foreign = false): void {
    this.time ??= now;
    const { task } = this;
    const [user, name, body] = argumentsOf(task);
    const reply = task.kind === "message" && task.reply ? Flag.reply : 0;
    const flags = reply | (muted ? Flag.muted : 0) | (foreign ? Flag.foreign : 0);
    batch.add(script, this.seq, numbers[task.kind], flags, this.time, user, name, body);
  }
}

/** Body of `open`; the snapshot is inserted as the text that it is. */
export function openTask(request: Omit<OpenRequest, "snapshot">, snapshot?: JsonText): Task {
  const text = JSON.stringify(request);
  const inserted = snapshot === undefined ? text : `${text.slice(0, -1)},"snapshot":${snapshot}}`;
  return { kind: "open", request: inserted };
}

function weightOf(task: Task): number {
  switch (task.kind) {
    case "message":
    case "join":
    case "login":
    case "emit":
    case "timer":
      return ROW + (task.data?.length ?? 0);
    case "open":
    case "create":
      return ROW + task.request.length;
    case "directory":
      return ROW + task.changes.length;
    default:
      return ROW;
  }
}

/** User, name and body of a task, as `Column` lays them out. */
function argumentsOf(task: Task): [user: string, name: string, body: string | undefined] {
  switch (task.kind) {
    case "init":
    case "snapshot":
    case "end":
      return ["", "", undefined];
    case "open":
      return ["", "", task.request];
    case "join":
      return [task.user.id, "", `{"user":${userText(task.user)}${field("data", task.data)}}`];
    case "leave":
      return [task.user, "", task.reason === undefined ? undefined : JSON.stringify(task.reason)];
    case "message":
      return [task.user, task.type, task.data];
    case "connect":
      return ["", task.connection, undefined];
    case "disconnect":
      return [task.user ?? "", task.connection, undefined];
    case "reconnect":
      return [task.user, "", undefined];
    case "login":
      return ["", task.connection, task.data];
    case "logout":
      return [task.user.id, "", userText(task.user)];
    case "create":
      return [task.user.id, "", `{"user":${userText(task.user)},"request":${task.request}}`];
    case "emit":
      return ["", task.type, task.data];
    case "timer":
      return ["", task.name, task.data];
    case "tick":
      return ["", "", String(task.elapsed)];
    case "directory":
      return ["", "", task.changes];
    case "close":
      return ["", "", JSON.stringify(task.reason)];
  }
}

function userText(user: UserView): JsonText {
  return `{"id":${JSON.stringify(user.id)},"name":${JSON.stringify(user.name)}${field("data", user.data)}}`;
}

function field(name: string, text: JsonText | undefined): string {
  return text === undefined ? "" : `,"${name}":${text}`;
}
