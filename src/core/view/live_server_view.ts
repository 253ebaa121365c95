import type { ApplicationEntry } from "../application/application_entry.ts";
import type { Applications } from "../application/applications.ts";
import { HotroomError } from "../errors.ts";
import type { Definition } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { StoreView } from "../ports/journal_store.ts";
import type { SandboxesView, Scripts, ShareView } from "../ports/scripts.ts";
import type { Room } from "../room/room.ts";
import type { AllEventTimes } from "../trace/event_times.ts";
import type {
  ApplicationView,
  MessagesView,
  ProcessView,
  RoomView,
  ServerState,
  ServerView,
  TakenMessage,
} from "./server_view.ts";

/** What a server may have that is seen. */
interface MoreViews {
  /** What durable applications are kept in. */
  readonly store?: () => StoreView | undefined;
  readonly eventTimes?: Pick<AllEventTimes, "view">;
}

/** How the names of the handlers of messages begin. */
const MESSAGES = "messages.";

/** Answers the API's questions from the live objects. */
export class LiveServerView implements ServerView {
  constructor(
    readonly process: ProcessView,
    readonly state: () => ServerState,
    private readonly live: Applications,
    private readonly scripts: Scripts,
    private readonly more: MoreViews = {},
  ) {}

  store() {
    return this.more.store?.();
  }

  eventTimes() {
    return this.more.eventTimes?.view() ?? [];
  }

  hosts() {
    return this.scripts.hosts();
  }

  applications(): ApplicationView[] {
    return this.live.all().map((entry) => this.#application(entry));
  }

  application(name: string): ApplicationView | undefined {
    const entry = this.live.entry(name);
    return entry && this.#application(entry);
  }

  messages(application: string): MessagesView | undefined {
    const version = this.live.find(application)?.version;
    if (!version) return undefined;
    const { extension, rooms } = version;
    return {
      ...(extension && { application: messagesOf(extension) }),
      rooms: Array.from(rooms, ([type, definition]) => ({ type, messages: messagesOf(definition) })),
    };
  }

  rooms(application: string, limit: { rooms: number; users: number }): RoomView[] {
    const rooms = this.live.find(application)?.rooms.values() ?? [].values();
    return Array.from(rooms.take(limit.rooms), (room: Room) => roomView(room, limit.users));
  }

  room(application: string, name: string, limit: { users: number }): RoomView | undefined {
    const room = this.live.find(application)?.rooms.get(name);
    return room && roomView(room, limit.users);
  }

  emit(name: string, room: string | null, type: string, data?: JsonText): void {
    const application = this.live.find(name);
    if (!application)
      throw new HotroomError(
        "application_unavailable",
        `Cannot emit "${type}": there is no application "${name}".`,
      );
    const fate = application.emit(room, type, data);
    if (fate === "queued") return;
    if (fate === "busy")
      throw new HotroomError("busy", `Cannot emit "${type}": too many events wait for the script.`);
    if (room !== null)
      throw new HotroomError("room_not_found", `Cannot emit "${type}": there is no room "${room}".`);
    throw new HotroomError("no_handler", `Cannot emit "${type}": the application has no extension.`);
  }

  closeRoom(application: string, room: string): Promise<boolean> {
    return this.live.closeRoom(application, room);
  }

  #application(entry: ApplicationEntry): ApplicationView {
    return applicationView(entry, this.scripts.sandboxes(entry.name), this.scripts.share(entry.name));
  }
}

function messagesOf({ handlers, forms = [] }: Definition): TakenMessage[] {
  const fields = new Map(forms);
  return handlers
    .filter((name) => name.startsWith(MESSAGES))
    .map((name) => name.slice(MESSAGES.length))
    .map((type) => ({ type, ...(fields.has(type) && { fields: fields.get(type) ?? [] }) }));
}

function applicationView(
  { name, application, error }: ApplicationEntry,
  sandboxes: SandboxesView,
  { delivery, confined }: ShareView,
): ApplicationView {
  const closedUntil = application?.limits.breaker.openUntil;
  return {
    name,
    status: application ? "running" : "failed",
    ...(application && {
      version: application.version.build.version,
      since: application.versions.live.since,
    }),
    connectionCount: application?.connections.size ?? 0,
    userCount: application?.users.size ?? 0,
    roomCount: application?.rooms.size ?? 0,
    ...(application && { usage: { ...application.limits.usage.view(), delivery }, sandboxes }),
    ...(application?.limits.fetches.size && { fetches: application.limits.fetches.size }),
    ...(confined && { confined }),
    ...(closedUntil !== undefined && { closedUntil }),
    ...(error && { error: error.view }),
  };
}

/** Returns a room as the API shows it, with so many of its users. */
export function roomView(room: Room, most: number): RoomView {
  const { name, type, createdAt, maxUsers, members, watchers, extension, settings, keep, isDurable } = room;
  const { locked, hidden, meta } = settings.view;
  return {
    name,
    type,
    version: extension.version,
    createdAt,
    userCount: members.size,
    watcherCount: watchers.size,
    maxUsers: Number.isFinite(maxUsers) ? maxUsers : null,
    locked,
    hidden,
    password: settings.password !== undefined,
    keep,
    durable: isDurable,
    ...(meta !== undefined && { meta: JSON.parse(meta) }),
    usage: extension.usage.view(),
    script: extension.script,
    users: Array.from(members.values().take(most), (user) => user.data),
  };
}
