import { hotroom } from "./dialects.ts";
import type { Member } from "./member.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { inParallel, makeRooms } from "./rooms.ts";
import { RunningServer, type ServerKind } from "./servers.ts";
import { figure, printTable } from "./table.ts";

const SIZES = [10, 100, 1_000, 10_000];

/** Events a second, the same at each size, so that batches are as full at each: what differs is the size alone. */
const RATE = 4_000;

interface Row {
  server: string;
  of: "rooms" | "connections";
  size: number;
  /** CPU µs of the server's process tree per event. */
  cost: number;
  /** Share of what should have been delivered in the window. */
  delivered: number;
}

/** Cost of an event from 10 to 10,000 rooms (of 10 connections), and from 10 to 10,000 connections (a room each). */
export async function growth(options: Options): Promise<void> {
  const rows: Row[] = [];
  for (const kind of options.servers.filter((each) => each.name === "hotroom" || each.name === "bare Bun")) {
    for (const of of ["rooms", "connections"] as const) {
      for (const size of SIZES) rows.push(await measure(kind, of, size, options.window));
    }
  }
  printTable(
    ["growth", "CPU µs/event", "× the smallest", "delivered"],
    rows.map((row) => {
      const first = rows.find((each) => each.server === row.server && each.of === row.of) as Row;
      const name = `${row.server}: ${row.size.toLocaleString("en-US")} ${row.of}`;
      return [name, figure(row.cost), figure(row.cost / first.cost), row.delivered.toFixed(3)];
    }),
  );
  keep("growth", { rate: RATE, windowMs: options.window, rows });
}

async function measure(kind: ServerKind, of: Row["of"], size: number, window: number): Promise<Row> {
  const server = await RunningServer.start(kind.name, kind.command());
  try {
    const names = Array.from({ length: size }, (_, i) => `room${i}`);
    await makeRooms(server.port, names);
    const users = await inParallel(of === "rooms" ? 10 : size, 32, (i) =>
      hotroom.login(server.port, `user${i}`),
    );
    const userOf = (room: number) => users[room % users.length] as Member;
    await inParallel(users.length, 32, async (u) => {
      for (let room = u; room < size; room += users.length)
        await hotroom.join(userOf(room), names[room] as string);
    });
    const frames = names.map((name) => hotroom.say(name, "x".repeat(64)));
    let delivered = 0;
    const onFrame = (_: number, __: Uint8Array, start: number, end: number) => {
      if (end - start >= 64) delivered++;
    };
    for (const user of users) user.listen({ onFrame, onClose: closed });

    let sent = 0;
    const begin = performance.now();
    const timer = setInterval(() => {
      const due = ((performance.now() - begin) * RATE) / 1_000;
      for (; sent < due; sent++) userOf(sent % size).send(frames[sent % size] as Uint8Array);
    }, 1);
    // Long enough for each room to have been talked in once, and for the compilers to have warmed up.
    await Bun.sleep(Math.max(1_500, (size / RATE) * 1_000));
    const before = { cpu: server.cpu(), sent, delivered };
    await Bun.sleep(window);
    const events = sent - before.sent;
    const cost = ((server.cpu() - before.cpu) / events) * 1e6;
    const share = (delivered - before.delivered) / events;
    clearInterval(timer);
    return { server: kind.name, of, size, cost, delivered: share };
  } finally {
    await server.stop();
  }
}

function closed(code: number): void {
  // Servers close what is open when they are stopped; before that it shows as what was not delivered.
  if (code !== 1001 && code !== 1006 && code !== 1012 && code < 4_000)
    console.error(`A connection was closed: ${code}.`);
}
