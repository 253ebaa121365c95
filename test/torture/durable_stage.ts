/** Servers on a data folder that are killed and started again, for the suites of durable rooms. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DurableCrowd } from "../bench/durable/crowd.ts";
import { Evidence } from "../bench/durable/evidence.ts";
import { KilledServer } from "../bench/durable/killed_server.ts";
import type { KillOrder } from "../bench/kill_tree.ts";
import { makeFolder } from "../e2e/harness.ts";
import type { Runtime } from "../e2e/runtimes.ts";
import { Random } from "./random.ts";

/** How long rooms may take to answer after a kill, ms, on a machine that does other things too. */
export const PATIENCE = 40_000;

const orders: readonly KillOrder[] = ["server first", "children first", "server only"];

/** One server, its folders, and the chance by which it is killed. */
export class DurableStage {
  readonly random: Random;
  #server: KilledServer | undefined;
  readonly #folder: string;

  constructor(
    readonly runtime: Runtime,
    files: Readonly<Record<string, string>>,
  ) {
    const seed = Number(process.env.HOTROOM_SEED ?? Math.floor(Math.random() * 1e6));
    console.log(`durable, on ${runtime}: HOTROOM_SEED=${seed}`);
    this.random = new Random(seed);
    this.#folder = makeFolder();
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  get server(): KilledServer {
    return this.#server as KilledServer;
  }

  get port(): number {
    return this.server.port;
  }

  /** Where the server keeps what is durable. */
  get data(): string {
    return join(this.#folder, "data");
  }

  async start(): Promise<void> {
    const extensions = join(this.#folder, "extensions");
    const runtime = this.runtime === "deno" ? "deno" : "bun";
    this.#server = await KilledServer.start({ runtime, extensions, data: this.data });
    await this.server.healthy();
  }

  /** Writes a file of an application. */
  write(path: string, text: string): void {
    const file = join(this.#folder, "extensions", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Kills the server after a random part of so many ms, and starts it again. */
  async kill(within: number, evidence?: Evidence): Promise<void> {
    await Bun.sleep(this.random.next() * within);
    const order = this.random.pick(orders);
    evidence?.kills.push(order);
    await this.server.kill(order);
    await this.server.restart();
  }

  /** Clients of the ledger, in their rooms. */
  async crowd(clients: number, rooms: number): Promise<DurableCrowd> {
    const { port, random } = this;
    const plan = { port, application: "ledger", clients, rooms, pace: 60, random };
    const crowd = new DurableCrowd(plan, new Evidence());
    await crowd.enter();
    return crowd;
  }

  async end(): Promise<void> {
    await this.#server?.kill("server first");
  }
}
