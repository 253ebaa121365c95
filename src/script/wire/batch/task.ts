import type {
  DirectoryUpdate,
  JsonText,
  LoginEvent,
  RoomSettingsView,
  ScriptEvent,
  TimerEvent,
  UserView,
} from "../../../core/ports/event.ts";
import { isBytes } from "../../../protocol/bytes.ts";
import { Flag, kinds, type OpenRequest } from "./batch.ts";
import type { BatchEncoder } from "./batch_encoder.ts";

const kindNumbers = Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Record<
  Task["kind"],
  number
>;

/** What the row of a task and the names around its data count, UTF-16 units. */
const ROW_UNITS = 64;

/** What a script host is asked to do with one script: to handle an event, or something that no handler hears. */
export type Task =
  | ScriptEvent
  | { readonly kind: "open"; readonly request: JsonText; readonly hasSnapshot: boolean }
  | { readonly kind: "snapshot" }
  | { readonly kind: "end" };

/** Returns the task that opens a script; the text of the snapshot is inserted as it is. */
export function openTask(request: Omit<OpenRequest, "snapshot">, snapshot?: JsonText): Task {
  const text = JSON.stringify(request);
  const inserted = snapshot === undefined ? text : `${text.slice(0, -1)},"snapshot":${snapshot}}`;
  return { kind: "open", request: inserted, hasSnapshot: snapshot !== undefined };
}

/** Returns about how many UTF-16 units a task takes in a batch. */
export function weightOf(task: Task): number {
  switch (task.kind) {
    case "message":
    case "emit":
    case "timer":
    case "edit":
      return ROW_UNITS + (task.data?.length ?? 0);
    case "login":
      return ROW_UNITS + loginUnits(task);
    case "join":
    case "watch":
      return ROW_UNITS + (task.data?.length ?? 0) + (task.user.data?.length ?? 0);
    case "logout":
    case "unwatch":
    case "created":
      return ROW_UNITS + (task.user?.data?.length ?? 0);
    case "fetched":
      return ROW_UNITS + task.response.length + (task.body?.length ?? 0) + (task.data?.length ?? 0);
    case "open":
      return ROW_UNITS + task.request.length;
    case "request":
      return ROW_UNITS + task.request.length + (task.body?.length ?? 0);
    case "create":
      return ROW_UNITS + task.request.length + (task.user.data?.length ?? 0);
    case "directory":
      return ROW_UNITS + directoryUnits(task.update);
    default:
      return ROW_UNITS;
  }
}

/** Adds a task to a batch. `script` is the number of the script in its sandbox; the flags are as in `Flag`. */
export function encodeTask(
  batch: BatchEncoder,
  task: Task,
  script: number,
  seq: number,
  time: number,
  muted: boolean,
  foreign: boolean,
  guarded: boolean,
  again: boolean,
): void {
  const [user, name, body] = argumentsOf(task);
  const isAsked = (task.kind === "message" || task.kind === "emit") && task.reply === true;
  const reply = isAsked || isAnswered(task.kind) ? Flag.reply : 0;
  const flags =
    reply |
    (muted ? Flag.muted : 0) |
    (foreign ? Flag.foreign : 0) |
    (guarded ? Flag.guarded : 0) |
    (again ? Flag.again : 0);
  if (task.kind === "message" && task.data !== undefined && isBytes(task.data))
    batch.addBytes(script, seq, kindNumbers.message, flags, time, user, name, task.data);
  else if (task.kind === "request" && task.body !== undefined && isBytes(task.body))
    batch.addBytes(script, seq, kindNumbers.request, flags, time, user, name, task.body);
  else batch.add(script, seq, kindNumbers[task.kind], flags, time, user, name, body);
}

/** Returns true if what a handler of such events returns is always wanted. */
function isAnswered(kind: Task["kind"]): boolean {
  return kind === "watch" || kind === "request";
}

/** Returns the three texts of a task, as `Column` lays them out. */
function argumentsOf(task: Task): [user: string, name: string, body: string | undefined] {
  switch (task.kind) {
    case "init":
    case "snapshot":
    case "end":
      return ["", "", undefined];
    case "open":
      return ["", "", task.request];
    case "request":
      return ["", task.request, task.body];
    case "join":
    case "watch":
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
      return [task.user, task.connection, undefined];
    case "loggedIn":
      return [task.user, "", undefined];
    case "login":
      return ["", task.connection, loginText(task)];
    case "logout":
    case "unwatch":
      return [task.user.id, "", userText(task.user)];
    case "create":
      return [task.user.id, "", `{"user":${userText(task.user)},"request":${task.request}}`];
    case "created":
      return [task.user?.id ?? "", task.room, task.user && userText(task.user)];
    case "reload":
      return ["", "", JSON.stringify(task.from)];
    case "emit":
      return ["", task.type, task.data];
    case "fetched":
      return ["", task.name, `{"response":${task.response}${field("data", task.data)}}\n${task.body ?? ""}`];
    case "edit":
      return ["", "", task.data];
    case "timer":
      return [timerText(task), task.name, task.data];
    case "tick":
      return ["", "", String(task.elapsed)];
    case "directory":
      return ["", "", directoryText(task.update)];
    case "close":
      return ["", "", JSON.stringify(task.reason)];
  }
}

/** Returns the number in `known` and, behind a space, the key, as far as there are any. */
function timerText({ known, key }: TimerEvent): string {
  const number = known === undefined ? "" : String(known);
  return key === undefined ? number : `${number} ${key}`;
}

/** Returns about how many UTF-16 units a login takes. */
function loginUnits({ headers = {}, claims = "", data = "" }: LoginEvent): number {
  const shown = Object.entries(headers).reduce((sum, [name, { length }]) => sum + name.length + length, 0);
  return shown + claims.length + data.length;
}

function loginText({ address = "unknown", headers = {}, claims, data }: LoginEvent): JsonText {
  const more = `${field("claims", claims)}${field("data", data)}`;
  return `{"address":${JSON.stringify(address)},"headers":${JSON.stringify(headers)}${more}}`;
}

/** Returns about how many UTF-16 units an update takes. */
function directoryUnits({ users, rooms, watchers, members }: DirectoryUpdate): number {
  const lists = [users, rooms, watchers, members];
  const shown = (users.away?.length ?? 0) + (users.back?.length ?? 0);
  const entries = lists.reduce((sum, list) => sum + (list ? list.add.length + list.remove.length : 0), shown);
  return users.add.reduce((sum, { data }) => sum + (data?.length ?? 0), entries * ROW_UNITS);
}

function directoryText({ users, rooms, watchers, members, room }: DirectoryUpdate): JsonText {
  const { remove, add, away, back } = users;
  const connections = `${field("away", textOf(away))}${field("back", textOf(back))}`;
  const userChanges = `{"remove":${JSON.stringify(remove)},"add":[${add.map(userText)}]${connections}}`;
  const more = `${field("watchers", textOf(watchers))}${field("members", textOf(members))}${field("room", room && settingsText(room))}`;
  return `{"users":${userChanges},"rooms":${JSON.stringify(rooms)}${more}}`;
}

function textOf(list: object | undefined): JsonText | undefined {
  return list && JSON.stringify(list);
}

function settingsText({ meta, ...settings }: RoomSettingsView): JsonText {
  return `${JSON.stringify(settings).slice(0, -1)}${field("meta", meta)}}`;
}

function userText({ id, name, data, connected }: UserView): JsonText {
  const away = connected === false ? ',"connected":false' : "";
  return `{"id":${JSON.stringify(id)},"name":${JSON.stringify(name)}${field("data", data)}${away}}`;
}

function field(name: string, text: JsonText | undefined): string {
  return text === undefined ? "" : `,"${name}":${text}`;
}
