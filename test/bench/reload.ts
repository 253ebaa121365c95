import { Account, type Faults } from "./account.ts";
import { Crowd } from "./crowd.ts";
import { brokenEdit, EditedLedger } from "./edits.ts";
import { reloadKill } from "./kill.ts";
import type { Options } from "./options.ts";
import type { Percentiles } from "./plan.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { percentile } from "./statistics.ts";
import { figure, printTable } from "./table.ts";

const GOOD = 20;
const BROKEN = 10;

/** How long an edit may take to be everywhere before it counts as one that never went live, ms. */
const PATIENCE = 10_000;

/** Edits under load: the default, `--kill` kills script hosts instead, `--rooms 1000` edits many rooms at a calm pace. */
export async function reload(options: Options): Promise<void> {
  if (options.kill) return reloadKill();
  const ledger = new EditedLedger();
  const server = await RunningServer.start("hotroom", hotroomCommand(ledger.folder));
  try {
    if (options.rooms) await manyRooms(server, ledger, options.rooms);
    else await withoutPause(server, ledger);
  } finally {
    await server.stop();
    ledger.remove();
  }
}

/** 200 users in 40 rooms, each talking again as soon as it is answered; 20 good edits and 10 broken ones. */
async function withoutPause(server: RunningServer, ledger: EditedLedger): Promise<void> {
  const account = new Account();
  const crowd = await Crowd.gather(server.port, { rooms: 40, members: 5 }, account);
  crowd.talk();
  await Bun.sleep(1_000);
  account.begin();
  await Bun.sleep(1_000);
  const calm = account.begin();
  const lives: Live[] = [];
  let noticed = 0;
  const said = account.messages;
  const begin = performance.now();
  for (let i = 0; i < GOOD + BROKEN; i++) {
    if (i % 3 === 2) noticed += (await breakAndNotice(server, ledger)) ? 1 : 0;
    else lives.push(await live(crowd, ledger));
    await Bun.sleep(50 + Math.random() * 100);
  }
  const rate = (account.messages - said) / ((performance.now() - begin) / 1_000);
  const { share } = account;
  const edited = account.begin();
  await crowd.hush();
  crowd.disperse();
  report("reload", account, {
    "messages a second": rate,
    ...edits(lives),
    "broken edits noticed": noticed,
    ...times("before the edits", calm),
    ...times("through the edits", edited),
    "generator's share of a core": share,
  });
}

/** Many rooms with ten members each, each room talking a few times a second; three edits. */
async function manyRooms(server: RunningServer, ledger: EditedLedger, rooms: number): Promise<void> {
  const account = new Account();
  const crowd = await Crowd.gather(server.port, { rooms, members: 10 }, account);
  const rate = rooms * 4;
  const end = crowd.pace(rate);
  await Bun.sleep(2_000);
  account.begin();
  await Bun.sleep(2_000);
  const calm = account.begin();
  const lives: Live[] = [];
  for (let i = 0; i < 3; i++) lives.push(await live(crowd, ledger));
  const { share } = account;
  const edited = account.begin();
  end();
  await crowd.hush();
  crowd.disperse();
  report(`reload-${rooms}-rooms`, account, {
    "messages a second": rate,
    ...edits(lives),
    "a room talks every, ms": 1_000 / (rate / rooms),
    ...times("before the edits", calm),
    ...times("through the edits", edited),
    "generator's share of a core": share,
  });
}

/** Milliseconds from a save until the first room has said something in its edition, and until every room has; NaN where that never happens. */
interface Live {
  readonly first: number;
  readonly all: number;
}

async function live(crowd: Crowd, ledger: EditedLedger): Promise<Live> {
  const begin = performance.now();
  const edition = ledger.improve();
  const saved = performance.now() - begin;
  let first = Number.NaN;
  const all = await crowd.allTalk(PATIENCE, (line) => {
    if (line.edition < edition) return false;
    if (Number.isNaN(first)) first = performance.now() - begin;
    return true;
  });
  return { first, all: saved + all };
}

async function breakAndNotice(server: RunningServer, ledger: EditedLedger): Promise<boolean> {
  ledger.break();
  const saved = performance.now();
  while (performance.now() - saved < 5_000) {
    if ((await brokenEdit(server)) !== undefined) return true;
    await Bun.sleep(20);
  }
  return false;
}

function edits(lives: readonly Live[]): Record<string, number> {
  const all = lives.map((each) => each.all);
  const first = lives.map((each) => each.first);
  return {
    "good edits": lives.length,
    "of which never live": all.filter(Number.isNaN).length,
    "edit to the first answer by it, median ms": percentile(first, 0.5),
    "edit to the first answer by it, worst ms": Math.max(...first),
    "edit to live in all rooms, median ms": percentile(all, 0.5),
    "edit to live in all rooms, worst ms": Math.max(...all),
  };
}

/** Latency of replies, named. */
export function times(when: string, { p50, p99, worst }: Percentiles): Record<string, number> {
  return {
    [`reply ${when}, p50 ms`]: p50,
    [`reply ${when}, p99 ms`]: p99,
    [`reply ${when}, worst ms`]: worst,
  };
}

/** Prints and keeps what became of all messages, the faults first. */
export function report(scenario: string, account: Account, more: Record<string, number>): void {
  const { messages, deliveries, faults } = account;
  const figures: Record<string, number> = { messages, deliveries, ...(faults as Faults & object), ...more };
  printTable(
    [scenario, ""],
    Object.entries(figures).map(([name, value]) => [name, figure(value)]),
  );
  for (const error of account.errors) console.log(error);
  keep(scenario, figures);
}
