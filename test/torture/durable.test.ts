/** Durable rooms whose server is killed while their clients count; what everybody was told is compared with a control. */
import { afterEach, expect, test } from "bun:test";
import type { DurableCrowd } from "../bench/durable/crowd.ts";
import type { Client } from "../bench/durable/raw_client.ts";
import { ledgerFiles, ledgerRoom, type Mode } from "../bench/durable/ledger.ts";
import { until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { HostileClient, hostileFiles } from "./durable_hostile.ts";
import { DurableStage, PATIENCE } from "./durable_stage.ts";

const KILLS = 4;
const [CLIENTS, ROOMS] = [20, 4];
/** How long they count before a kill at most; and before one that comes while the rooms come up, ms. */
const [TALK, EARLY] = [600, 300];

onEachRuntime("durable rooms", (runtime) => {
  let stage: DurableStage | undefined;

  async function setUp(files: Record<string, string>): Promise<[DurableStage, DurableCrowd]> {
    stage = new DurableStage(runtime, files);
    await stage.start();
    const crowd = await stage.crowd(CLIENTS, ROOMS);
    crowd.talk();
    await crowd.allAnswer(PATIENCE);
    return [stage, crowd];
  }

  afterEach(() => stage?.end());

  /** All that was told is so. */
  async function expectNoFault(crowd: DurableCrowd): Promise<void> {
    await crowd.hush();
    await crowd.compare();
    expect(crowd.evidence.notes).toEqual([]);
    expect(crowd.evidence.total).toBe(0);
    expect(crowd.evidence.acknowledged).toBeGreaterThan(CLIENTS);
    crowd.leave();
  }

  for (const mode of ["relaxed", "strict"] satisfies Mode[]) {
    test(`${mode}: nothing that was acknowledged is lost or repeated when the server is killed, also while it comes up`, async () => {
      const [{ server }, crowd] = await setUp(ledgerFiles(mode));
      const { evidence } = crowd;
      for (let n = 0; n < KILLS; n++) {
        const isEarly = n % 2 === 1;
        await stage?.kill(isEarly ? EARLY : TALK, evidence);
        if (n % 2 === 1) await crowd.allAnswer(PATIENCE);
      }
      expect(server.port).toBeGreaterThan(0);
      await expectNoFault(crowd);
    }, 120_000);
  }

  test("a durable neighbour that hangs, grows, floods and fails takes nothing from others, and keeps what it was told is kept", async () => {
    const [stage, crowd] = await setUp({ ...ledgerFiles("relaxed"), ...hostileFiles });
    const hostile = new HostileClient(stage.port);
    for (let n = 0; n < KILLS; n++) {
      await hostile.attack(stage.random);
      await stage.kill(EARLY, crowd.evidence);
      await crowd.allAnswer(PATIENCE);
    }
    await expectNoFault(crowd);
    expect(await hostile.count()).toBeGreaterThanOrEqual(hostile.counted);
    hostile.end();
  }, 180_000);

  test("an edit with migrate goes on where a kill has cut it off: each room moves once, and loses nothing", async () => {
    const [stage, crowd] = await setUp(ledgerFiles("relaxed"));
    for (let edition = 1; edition <= KILLS; edition++) {
      stage.write("ledger/rooms/ledger.js", ledgerRoom(edition));
      // The watcher waits, then it is built, then the rooms move: the kill may come into any of it.
      await stage.kill(500, crowd.evidence);
      await crowd.allAnswer(PATIENCE);
    }
    await crowd.hush();
    for (const room of crowd.rooms) {
      const client = crowd.clients.find(({ rooms }) => rooms.includes(room)) as Client;
      const editions = await until(`the newest edition in ${room}`, async () => {
        const book = await client.book(room);
        return book.editions.at(-1) === KILLS ? book.editions : undefined;
      });
      // One that was there for an instant may have been passed by; none comes twice.
      expect(editions).toEqual([...new Set(editions)].sort((a, b) => a - b));
    }
    await expectNoFault(crowd);
  }, 120_000);
});
