import type { AdminUserView, SessionView } from "../../core/control/user_control.ts";
import { counted } from "../../core/text/counted.ts";
import type { ApplicationView, RoomView } from "../../core/view/server_view.ts";
import type { AdminAddress } from "./admin_address.ts";
import { ask, pathOf, print, printJson, timeOf } from "./ask.ts";

/** Items that one page of a list brings. */
const PAGE = "1000";

/** A page of a list, whose items stand under a key of their own. */
type Page<Key extends string, Item> = { readonly [key in Key]: readonly Item[] } & { readonly next?: string };

/** Prints which applications there are, and what is wrong with their newest edits. */
export async function applications(address: AdminAddress): Promise<void> {
  const { applications } = await ask<{ applications: ApplicationView[] }>(address, "GET", "");
  for (const { name, status, version, userCount, roomCount, error } of applications) {
    print(`${name}  ${version ?? status}  ${counted(userCount, "user")}  ${counted(roomCount, "room")}`);
    if (error)
      print(`  ${error.position ? `${error.position.file}:${error.position.line}: ` : ""}${error.message}`);
  }
}

/** Prints the rooms of an application; `filter` is what the query says besides. */
export async function rooms(
  address: AdminAddress,
  application: string,
  filter: Readonly<Record<string, string>>,
): Promise<void> {
  const all = pagesOf<"rooms", RoomView>(address, "rooms", application, filter);
  for await (const { name, type, version, userCount, maxUsers, locked, hidden, password } of all) {
    const marks = [locked && "locked", hidden && "hidden", password && "password"].filter((mark) => mark);
    const users =
      maxUsers === null ? counted(userCount, "user") : `${userCount} of ${counted(maxUsers, "user")}`;
    print([name, type, version, users, ...marks].join("  "));
  }
}

/** Makes a room. */
export async function createRoom(
  address: AdminAddress,
  application: string,
  room: string,
  options: object,
): Promise<void> {
  const made = await ask<RoomView>(address, "POST", pathOf(application, "rooms"), { room, ...options });
  print(`${application}: room ${made.name} (${made.type}) runs ${made.version}`);
}

/** Sets a room otherwise. */
export async function setRoom(
  address: AdminAddress,
  application: string,
  room: string,
  update: object,
): Promise<void> {
  await ask(address, "PATCH", pathOf(application, "rooms", room), update);
  print(`${application}: room ${room} is set`);
}

/** Closes a room; resolves with false if it closes later. */
export async function closeRoom(address: AdminAddress, application: string, room: string): Promise<boolean> {
  const { closed } = await ask<{ closed: boolean }>(address, "DELETE", pathOf(application, "rooms", room));
  print(
    closed
      ? `${application}: room ${room} is closed`
      : `${application}: room ${room} closes later; ask again to end it at once`,
  );
  return closed;
}

/** Prints the state of a room's script, or of the application's. */
export async function state(address: AdminAddress, application: string, room?: string): Promise<void> {
  const { state } = await ask<{ state: unknown }>(address, "GET", placeOf(application, room, "state"));
  printJson(state);
}

/** Has a handler of `emits` answer, and prints what it returns. */
export async function call(
  address: AdminAddress,
  application: string,
  event: { readonly type: string; readonly data?: unknown },
  room?: string,
): Promise<void> {
  const { data } = await ask<{ data?: unknown }>(address, "POST", placeOf(application, room, "call"), event);
  if (data !== undefined) printJson(data);
}

/** Makes an event whose answer nobody hears. */
export async function emit(
  address: AdminAddress,
  application: string,
  event: { readonly type: string; readonly data?: unknown },
  room?: string,
): Promise<void> {
  const { version } = await ask<{ version?: string }>(
    address,
    "POST",
    placeOf(application, room, "emit"),
    event,
  );
  print(`${application}: ${event.type} waits for ${version ?? "its script"}`);
}

/** Prints who is logged in. */
export async function users(address: AdminAddress, application: string): Promise<void> {
  for await (const user of pagesOf<"users", AdminUserView>(address, "users", application)) {
    const { id, name, connected, rooms, roomCount } = user;
    const more = roomCount > rooms.length ? ` and ${roomCount - rooms.length} more` : "";
    print([id, name, connected ? "here" : "away", `${rooms.join(", ")}${more}`].join("  ").trimEnd());
  }
}

/** Prints who may come back, and until when. */
export async function sessions(address: AdminAddress, application: string): Promise<void> {
  for await (const { user, until } of pagesOf<"sessions", SessionView>(address, "sessions", application))
    print([user.id, user.name, until === undefined ? "here" : `away until ${timeOf(until)}`].join("  "));
}

/** Sends a message to a user. */
export async function send(
  address: AdminAddress,
  application: string,
  user: string,
  message: { readonly type: string; readonly data?: unknown },
): Promise<void> {
  const to = await ask<AdminUserView>(address, "POST", pathOf(application, "users", user, "send"), message);
  print(
    `${application}: ${message.type} is sent to ${to.name} (${to.id})${to.connected ? "" : ", who is away"}`,
  );
}

/** Puts a user out. */
export async function kick(
  address: AdminAddress,
  application: string,
  user: string,
  reason?: string,
): Promise<void> {
  const query = reason === undefined ? "" : `?${new URLSearchParams({ reason })}`;
  const out = await ask<AdminUserView>(address, "DELETE", pathOf(application, "users", user) + query);
  print(`${application}: ${out.name} (${out.id}) is put out`);
}

/** Moves a user to another room. */
export async function move(
  address: AdminAddress,
  application: string,
  user: string,
  to: { readonly room: string; readonly from?: string },
): Promise<void> {
  const moved = await ask<AdminUserView>(address, "POST", pathOf(application, "users", user, "move"), to);
  print(`${application}: ${moved.name} (${moved.id}) is in ${to.room}`);
}

/** Goes through a list, a page at a time. */
async function* pagesOf<Key extends string, Item>(
  address: AdminAddress,
  key: Key,
  application: string,
  filter: Readonly<Record<string, string>> = {},
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ ...filter, limit: PAGE, ...(cursor !== undefined && { cursor }) });
    const page = await ask<Page<Key, Item>>(address, "GET", `${pathOf(application, key)}?${query}`);
    yield* page[key];
    cursor = page.next;
  } while (cursor !== undefined);
}

function placeOf(application: string, room: string | undefined, what: string): string {
  return room === undefined ? pathOf(application, what) : pathOf(application, "rooms", room, what);
}
