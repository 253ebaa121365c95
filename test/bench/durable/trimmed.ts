import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hotroom } from "../dialects.ts";
import { clientFrame } from "../frames.ts";
import { hotroomCommand, RunningServer } from "../servers.ts";
import { spread } from "../statistics.ts";
import { sizeOf } from "./written.ts";

/** Events of the room: so large that a snapshot is worth its price after a few of them. */
const EVENTS = 25_000;
const EVENT_UNITS = 50_000;
/** Times that it is looked what is kept. */
const LOOKS = 25;

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
 * What becomes of a room whose log is snapshot and trimmed a thousand times: how long its events take, how many records are kept, and how
 * large the store is, first and last.
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
    const text = "x".repeat(EVENT_UNITS);
    const times: number[] = [];
    const records: number[] = [];
    const sizes: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      const begin = performance.now();
      for (let n = 1; n <= EVENTS / LOOKS; n++) {
        const id = (look * EVENTS) / LOOKS + n;
        member.send(
          clientFrame(JSON.stringify({ event: "message", id, room: "room", type: "put", data: text })),
        );
        while (!(await member.next()).startsWith(`{"id":${id},"ok":true`));
      }
      times.push((performance.now() - begin) / (EVENTS / LOOKS));
      records.push(recordsIn(data));
      sizes.push(sizeOf(data) / 1e6);
    }
    member.end();
    const most = Math.max(...records);
    const [early, late] = [(list: number[]) => list.slice(0, 5), (list: number[]) => list.slice(-5)];
    return {
      events: EVENTS,
      "events that are kept, most": most,
      "snapshots and trims, at least": Math.floor(EVENTS / most),
      "an event, first fifth, median ms": spread(early(times)).median,
      "an event, last fifth, median ms": spread(late(times)).median,
      "data folder, first fifth, most MB": Math.max(...early(sizes)),
      "data folder, last fifth, most MB": Math.max(...late(sizes)),
    };
  } finally {
    await server.stop();
  }
}

/** Returns how many events of the room are kept. */
function recordsIn(data: string): number {
  const command = hotroomCommand();
  const program = command.slice(0, command.indexOf("serve"));
  const { stdout } = Bun.spawnSync([...program, "data", "export", "long", "room", "--data", data]);
  return stdout.toString().match(/^\{"kind":"append".*?"log":"events"/gm)?.length ?? 0;
}
