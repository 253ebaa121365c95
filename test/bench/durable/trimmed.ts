import { Database } from "bun:sqlite";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hotroom } from "../dialects.ts";
import { clientFrame } from "../frames.ts";
import { hotroomCommand, RunningServer } from "../servers.ts";
import { spread } from "../statistics.ts";
import { sizeOf } from "./written.ts";

/** Snapshots of the room, and those at the beginning and at the end that are compared. */
const SNAPSHOTS = 1_000;
const COMPARED = 100;
/** Characters of an event: a few of them make a snapshot worth its price. */
const EVENT_UNITS = 50_000;
/** Gives up after so many events for each snapshot. */
const MOST_EVENTS_EACH = 40;

const files = {
  "long/hotroom.json": JSON.stringify({ rooms: "join", emptyGrace: 600_000 }),
  "long/rooms/long.js": `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ count: 0, last: "" }),
  messages: {
    put(room, user, text) {
      room.state.last = text.slice(0, 2000);
      return ++room.state.count;
    },
  },
});
`,
};

/**
 * What becomes of a room whose log is snapshot and trimmed a thousand times: how long it takes from one snapshot to the next, how many
 * records there are at most, and how large the store is, first and last.
 */
export async function trimmed(folder: string): Promise<Record<string, number>> {
  const [extensions, data] = [join(folder, "long/extensions"), join(folder, "long/data")];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(extensions, path)), { recursive: true });
    writeFileSync(join(extensions, path), text);
  }
  const server = await RunningServer.start("hotroom", hotroomCommand(extensions, "--data", data));
  try {
    const member = await hotroom.login(server.port, "writer", "long");
    await hotroom.join(member, "room");
    const store = new Database(join(data, "store.db"), { readonly: true });
    const count = store.query<{ count: number }, []>(
      "SELECT count(*) AS count FROM records WHERE log = 'events'",
    );
    const text = "x".repeat(EVENT_UNITS);
    const times: number[] = [];
    const sizes: number[] = [];
    let most = 0;
    let events = 0;
    let before = 0;
    let since = performance.now();
    while (times.length < SNAPSHOTS && events < SNAPSHOTS * MOST_EVENTS_EACH) {
      const frame = { event: "message", id: ++events, room: "room", type: "put", data: text, seen: 2 ** 40 };
      member.send(clientFrame(JSON.stringify(frame)));
      while (!(await member.next()).startsWith(`{"id":${events},"ok":true`));
      const records = count.get()?.count ?? 0;
      most = Math.max(most, records);
      if (records < before) {
        times.push(performance.now() - since);
        sizes.push(sizeOf(data));
        since = performance.now();
      }
      before = records;
    }
    store.close();
    member.end();
    return {
      "snapshots and trims": times.length,
      events: events,
      "records at one time, most": most,
      "snapshot to snapshot, first hundred, median ms": spread(times.slice(0, COMPARED)).median,
      "snapshot to snapshot, last hundred, median ms": spread(times.slice(-COMPARED)).median,
      "data folder after a hundred, most MB": Math.max(...sizes.slice(0, COMPARED)) / 1e6,
      "data folder at the end, most MB of the last hundred": Math.max(...sizes.slice(-COMPARED)) / 1e6,
    };
  } finally {
    await server.stop();
  }
}
