import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hotroom } from "../dialects.ts";
import { clientFrame } from "../frames.ts";
import { killTree } from "../kill_tree.ts";
import type { Member } from "../member.ts";
import type { Options } from "../options.ts";
import { treeCpu, treeUsage } from "../process_tree.ts";
import { inParallel, settled } from "../rooms.ts";
import { hotroomCommandOn, RunningServer } from "../servers.ts";
import { type Spread, spread } from "../statistics.ts";
import { printTable, withSpread } from "../table.ts";

/** Events that each room has in its log. */
const EVENTS = 4;
/** Rooms that are asked by one event. */
const ASKED = 100;
/** How long rooms may take to answer, ms. */
const PATIENCE_MS = 30_000;

/** Rooms that keep a sum, and an extension that asks all of them for it. */
const files: Record<string, string> = {
  "hotroom.json": JSON.stringify({
    rooms: "join",
    emptyGrace: 600_000,
    maxRooms: 100_000,
    sessionsPerUser: 100_000,
    limits: { queue: 100_000 },
    session: { grace: 600_000 },
  }),
  "app.ts": `import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  state: () => ({ due: 0, sum: 0 }),
  messages: {
    ask(app, user, [from, to]: [number, number]) {
      if (from === 0) app.state = { due: 0, sum: 0 };
      app.state.due += to - from;
      for (let n = from; n < to; n++) app.room("room " + n).emit("ask");
    },
  },
  emits: {
    sum(app, sum: number) {
      app.state.sum += sum;
      app.state.due--;
      if (app.state.due === 0) app.broadcast("sum", app.state.sum);
    },
  },
});
`,
  "rooms/sum.ts": `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ sum: 0, said: [] as string[] }),
  messages: {
    add(room, user, n: number) {
      room.state.sum += n;
      room.state.said.push(user.name + " added " + n);
      room.broadcast("added", n);
    },
  },
  emits: {
    ask: (room) => room.application.emit("sum", room.state.sum),
  },
});
`,
};

/** What one start took: ms from the spawn of the server, and CPU ms of it and of its children. */
interface Start {
  readonly address: number;
  readonly listed: number;
  readonly answered: number;
  readonly listedCpu: number;
  readonly serverCpu: number;
  readonly childrenCpu: number;
}

/**
 * Time from spawning a server that was killed to its address, to `/healthz`, and to the answers of all its durable rooms, each of which has a user and a
 * few events in its log.
 */
export async function durableStarts({ rooms = 1_000, rounds, runtime }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-starts-"));
  const starts: Start[] = [];
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, "extensions/sums", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const command = (data: string) =>
      hotroomCommandOn(runtime, join(folder, "extensions"), "--data", data, "--cache", join(folder, "cache"));
    const kept = join(folder, "kept");
    await fill(command(kept), rooms);
    for (let round = 0; round < rounds; round++) {
      const data = join(folder, `data ${round}`);
      cpSync(kept, data, { recursive: true });
      starts.push(await startOnce(command(data), rooms));
      rmSync(data, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (part: keyof Start): Spread => spread(starts.map((start) => start[part]));
  const what = `${runtime}: ${rooms} durable rooms after kill -9`;
  printTable(
    [what, "ms"],
    [
      ["address printed", withSpread(of("address"))],
      ["/healthz 200", withSpread(of("listed"))],
      ["all rooms have answered", withSpread(of("answered"))],
      ["CPU time of all processes until /healthz", withSpread(of("listedCpu"))],
      ["CPU time of the server until all have answered", withSpread(of("serverCpu"))],
      ["CPU time of its children until then", withSpread(of("childrenCpu"))],
    ],
  );
}

/** Makes the rooms, each by a user of its own who says something, and kills the server. */
async function fill(command: string[], rooms: number): Promise<void> {
  const server = await RunningServer.start("hotroom", command);
  await inParallel(rooms, 16, async (n) => {
    const member = await hotroom.login(server.port, `user ${n}`, "sums");
    await hotroom.join(member, `room ${n}`);
    for (let event = 1; event <= EVENTS; event++)
      member.send(
        clientFrame(JSON.stringify({ event: "message", room: `room ${n}`, type: "add", data: event })),
      );
    await settled(member);
    member.end();
  });
  await sumOf(server, rooms);
  await killTree(server.pid);
}

async function startOnce(command: string[], rooms: number): Promise<Start> {
  const server = await RunningServer.start("hotroom", command);
  const listed = performance.now();
  const listedCpu = treeCpu(server.pid) * 1e3;
  await sumOf(server, rooms);
  const answered = performance.now();
  const { user, system, descendants } = treeUsage(server.pid);
  await killTree(server.pid);
  const { startedAt, listeningAt } = server;
  return {
    address: listeningAt - startedAt,
    listed: listed - startedAt,
    answered: answered - startedAt,
    listedCpu,
    serverCpu: (user + system) * 1e3,
    childrenCpu: descendants * 1e3,
  };
}

/** Asks all rooms; resolves when all have answered, rejects where they have not what they should. */
async function sumOf(server: RunningServer, rooms: number): Promise<void> {
  const member: Member = await hotroom.login(server.port, `asks ${Math.random()}`, "sums");
  for (let from = 0; from < rooms; from += ASKED) {
    const data = [from, Math.min(rooms, from + ASKED)];
    member.send(clientFrame(JSON.stringify({ event: "message", type: "ask", data })));
  }
  const expected = (rooms * EVENTS * (EVENTS + 1)) / 2;
  const timer = setTimeout(() => {
    throw new Error(`The rooms have not answered within ${PATIENCE_MS} ms:\n${server.lines.join("\n")}`);
  }, PATIENCE_MS);
  for (;;) {
    const { event, type, data } = JSON.parse(await member.next());
    // All that were asked so far may have answered before the others are asked.
    if (event !== "message" || type !== "sum" || data < expected) continue;
    clearTimeout(timer);
    member.end();
    if (data === expected) return;
    throw new Error(`The rooms have ${data} in all, and should have ${expected}.`);
  }
}
