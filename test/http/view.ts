import type { StoreView } from "../../src/core/ports/journal_store.ts";
import type { EventTimesView } from "../../src/core/trace/event_times.ts";
import { HotroomError } from "../../src/core/errors.ts";
import type { ApplicationView, RoomView, ServerState, ServerView } from "../../src/core/view/server_view.ts";

/** A server's view that a test writes down; it remembers what was emitted. */
export class WrittenView implements ServerView {
  readonly process = {
    version: "0.1.0",
    runtime: "bun",
    runtimeVersion: "1.4.5",
    startedAt: 1_700_000_000_000,
  };
  readonly emitted: { application: string; room: string | null; type: string; data: string | undefined }[] =
    [];
  /** What `emit` throws instead of remembering. */
  refusal: Error | undefined;

  constructor(
    public current: ServerState = "ready",
    readonly running: (Partial<ApplicationView> & { name: string; list?: Partial<RoomView>[] })[] = [],
  ) {}

  state = () => this.current;
  /** What is kept; nothing unless a test says so. */
  kept: StoreView | undefined;
  store = () => this.kept;
  /** How long events took; nothing unless a test says so. */
  times: EventTimesView[] = [];
  eventTimes = () => this.times;

  hosts() {
    return [{ id: 1, pid: 4711, state: "ready", sandboxes: 1, scripts: 2, restarts: 0 } as const];
  }

  applications(): ApplicationView[] {
    return this.running.map(({ list = [], ...application }) => ({
      status: "running",
      version: "v1·3fa9c1",
      since: 1_700_000_000_000,
      connectionCount: 0,
      userCount: 0,
      roomCount: list.length,
      ...application,
    }));
  }

  application(name: string) {
    return this.applications().find((application) => application.name === name);
  }

  messages = () => undefined;

  rooms(application: string, limit: { rooms: number; users: number }): RoomView[] {
    const list = this.running.find(({ name }) => name === application)?.list ?? [];
    return list.slice(0, limit.rooms).map((room) => ({
      name: "hall",
      type: "hall",
      version: "v1·3fa9c1",
      createdAt: 1_700_000_000_000,
      userCount: room.users?.length ?? 0,
      watcherCount: 0,
      maxUsers: null,
      locked: false,
      hidden: false,
      password: false,
      keep: false,
      durable: false,
      usage: { cpu: 0, events: 0, effects: 0, bytes: 0, failures: {}, logLinesDropped: 0 },
      script: { waiting: 0 },
      ...room,
      users: (room.users ?? []).slice(0, limit.users),
    }));
  }

  room(application: string, name: string, { users }: { users: number }) {
    return this.rooms(application, { rooms: Number.POSITIVE_INFINITY, users }).find(
      (room) => room.name === name,
    );
  }

  readonly closed: { application: string; room: string }[] = [];

  async closeRoom(application: string, room: string): Promise<boolean> {
    if (this.refusal) throw this.refusal;
    if (!this.room(application, room, { users: 0 }))
      throw new HotroomError("room_not_found", `Cannot close room "${room}": there is no such room.`);
    // Closed by the second request only.
    const isAgain = this.closed.some((each) => each.room === room);
    this.closed.push({ application, room });
    return isAgain;
  }

  emit(application: string, room: string | null, type: string, data?: string): void {
    if (this.refusal) throw this.refusal;
    if (room !== null && !this.room(application, room, { users: 0 }))
      throw new HotroomError("room_not_found", `Cannot emit "${type}": there is no room "${room}".`);
    this.emitted.push({ application, room, type, data });
  }
}
