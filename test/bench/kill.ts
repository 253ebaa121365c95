import { Account } from "./account.ts";
import { Crowd, type Heard } from "./crowd.ts";
import { hotroom } from "./dialects.ts";
import { clientFrame } from "./frames.ts";
import type { Member } from "./member.ts";
import { report, times } from "./reload.ts";
import { inParallel } from "./rooms.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { hostRestart } from "./start.ts";
import { spread } from "./statistics.ts";

const KILLS = 10;

/**
 * 200 users in 40 rooms talk without pause while the script host is killed ten times; then the same messages, in the
 * order in which the rooms took them, go to a server that nothing happens to, and the states of both must be equal.
 */
export async function reloadKill(): Promise<void> {
  const account = new Account();
  const server = await RunningServer.start("hotroom", hotroomCommand());
  const ready: number[] = [];
  const comebacks: number[] = [];
  const states = new Map<Heard, string>();
  let rooms: readonly Heard[] = [];
  try {
    const crowd = await Crowd.gather(server.port, { rooms: 40, members: 5 }, account, true);
    rooms = crowd.rooms;
    crowd.talk();
    await Bun.sleep(1_000);
    account.begin();
    for (let i = 0; i < KILLS; i++) {
      const talking = crowd.allTalk();
      ready.push(await hostRestart(server));
      // Every third host is killed while it still brings the rooms back.
      if (i % 3 !== 2) comebacks.push(await talking);
      await Bun.sleep(Math.random() * 300);
    }
    await crowd.hush();
    for (const room of rooms) states.set(room, JSON.stringify(await crowd.state(room)));
    crowd.disperse();
  } finally {
    await server.stop();
  }
  const control = await controlStates(rooms);
  const unequal = rooms.filter((room) => states.get(room) !== control.get(room));
  for (const room of unequal.slice(0, 2)) {
    console.log(`${room.name}: ${states.get(room)}\n  control: ${control.get(room)}`);
  }
  report("reload-kill", account, {
    "hosts killed": KILLS,
    "killed to ready, median ms": spread(ready).median,
    "killed to all rooms answering, median ms": spread(comebacks).median,
    "killed to all rooms answering, worst ms": spread(comebacks).most,
    "rooms whose state differs from the control's": unequal.length,
    ...times("through the kills", account.replies.percentiles()),
  });
}

/** The state of each room after the same messages in the same order, on a server of its own. */
async function controlStates(rooms: readonly Heard[]): Promise<Map<Heard, string>> {
  const server = await RunningServer.start("hotroom", hotroomCommand());
  try {
    const states = await inParallel(rooms.length, rooms.length, (i) =>
      replay(server.port, rooms[i] as Heard),
    );
    return new Map(rooms.map((room, i) => [room, states[i] as string]));
  } finally {
    await server.stop();
  }
}

async function replay(port: number, room: Heard): Promise<string> {
  const members = new Map<string, Member>();
  for (const name of room.users) {
    const member = await hotroom.login(port, name, "ledger");
    await hotroom.join(member, room.name);
    members.set(name, member);
  }
  const ask = async (member: Member, type: string, data?: unknown) => {
    member.send(clientFrame(JSON.stringify({ event: "message", id: "ask", room: room.name, type, data })));
    for (;;) {
      const frame = JSON.parse(await member.next()) as { id?: string; data?: unknown };
      if (frame.id === "ask") return frame.data;
    }
  };
  for (const { from, seq } of room.history) await ask(members.get(from) as Member, "say", { seq });
  return JSON.stringify(await ask(members.values().next().value as Member, "state"));
}
