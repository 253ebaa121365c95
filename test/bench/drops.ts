import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cast, CastKind, Play } from "./drops/cast.ts";
import { hall } from "./drops/hall.ts";
import { LiveHeap } from "./drops/live_heap.ts";
import { MemoryCourse, residentBytes } from "./drops/memory_course.ts";
import type { Tally } from "./drops/tally.ts";
import { Trouble } from "./drops/trouble.ts";
import { Histogram } from "./histogram.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommandOn, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

const APPLICATION = "drops";
const MEMBERS = 10;
const STAY_MS = 20_000;
const AWAY_MS = 15_000;
/** How often memory is read, and from when on it is compared, ms: why so is in docs/decisions/0015-sessions.md. */
const resident = { look: 2_000, warmUp: 240_000 };
const live = { look: 20_000, warmUp: 120_000 };
/** What the server's memory may have grown by since. */
const MOST_GROWTH = 0.1;
/** How often it is said how far it is, ms. */
const PROGRESS_MS = 30_000;
/** How long each step before and after the talk may take, ms. */
const STEP_MS = 150_000;
/** A run that is as long is kept. */
const KEPT_MINUTES = 10;

/** How long an event may wait for its script, ms: the most there may be, since a machine with other work is no fault of the server's. */
const WAIT_MS = 60_000;

/** A client that waits before it tries again is away for longer than its link. */
const graces: Readonly<Record<CastKind, number>> = { frames: 30_000, chromium: 60_000, go: 60_000 };

/**
 * Clients in rooms who talk, are lost in every way, and come back, while the script is edited and its host killed. Where anything is
 * lost, repeated, out of order or left over, or the server has grown, the bench fails.
 */
export async function drops(options: Options): Promise<void> {
  const { clients, pace, seed, minutes, runtime, by } = options;
  const folder = mkdtempSync(join(tmpdir(), "hotroom-drops-"));
  mkdirSync(join(folder, APPLICATION, "rooms"), { recursive: true });
  const session = { grace: graces[by] };
  const settings = { rooms: "join", emptyGrace: 1_000, limits: { wait: WAIT_MS }, session };
  writeFileSync(join(folder, APPLICATION, "hotroom.json"), JSON.stringify(settings));
  const edit = (edition: number) => writeFileSync(join(folder, APPLICATION, "rooms/hall.ts"), hall(edition));
  edit(0);
  console.log(
    `drops: ${clients} clients by ${by} that do something each ${pace} ms, ${minutes} minutes, on ${runtime}, seed ${seed}`,
  );
  const command = hotroomCommandOn(runtime, folder);
  if (runtime === "deno") command.splice(command.indexOf("run") + 1, 0, "--inspect=127.0.0.1:0");
  const server = await RunningServer.start("hotroom", command);
  const plan = {
    clients,
    rooms: Math.ceil(clients / MEMBERS),
    seed,
    pace,
    stay: STAY_MS,
    away: AWAY_MS,
  };
  let cast: Cast | undefined;
  let run: Run | undefined;
  try {
    cast = await castOf(by, { port: server.port, application: APPLICATION, plan });
    const inspector = server.lines.map((line) => LiveHeap.address.exec(line)?.[1]).find(Boolean);
    const heap = inspector === undefined ? undefined : await LiveHeap.of(inspector);
    run = new Run(server, cast, options, heap);
    const ended = server.ended.then(() => {
      throw new Error("The server has ended.");
    });
    await Promise.race([run.play(edit), ended]);
    run.report(await cast.tally());
  } catch (error) {
    run?.tell((await cast?.tally().catch(() => undefined))?.faults.notes ?? []);
    console.error(`The run could not be finished: ${error instanceof Error ? error.message : error}`);
    for (const line of server.lines.slice(-20)) console.error(`server: ${line}`);
    process.exitCode = 1;
  } finally {
    await cast?.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The crowd, by what it is made of. */
async function castOf(by: CastKind, play: Play): Promise<Cast> {
  if (by === "chromium") return (await import("./drops/chromium_cast.ts")).chromiumCast(play);
  if (by === "go") return (await import("./drops/go_cast.ts")).goCast(play);
  return (await import("./drops/frames_cast.ts")).framesCast(play);
}

/** One run from the first client's coming to the last one's going. */
class Run {
  readonly #resident: MemoryCourse;
  /** What is alive in its heap, where the runtime tells. */
  readonly #live: MemoryCourse | undefined;
  /** Notes that were printed. */
  #told = 0;
  #counts = { edits: 0, kills: 0, "ghost users": 0, "leaked rooms": 0 };

  constructor(
    private readonly server: RunningServer,
    private readonly cast: Cast,
    private readonly options: Options,
    heap: LiveHeap | undefined,
  ) {
    this.#resident = new MemoryCourse(() => residentBytes(server.pid), resident.look);
    this.#live = heap && new MemoryCourse(() => heap.bytes(), live.look);
  }

  async play(edit: (edition: number) => void): Promise<void> {
    const { cast, server } = this;
    const ms = this.options.minutes * 60_000;
    await within("enter", cast.enter());
    console.log(`${this.options.clients} clients have come in`);
    await cast.talk();
    const begin = performance.now();
    {
      using _resident = this.#resident;
      using _live = this.#live;
      using trouble = new Trouble(server.pid, ms, edit, () => areBack(server));
      for (let left = ms; left >= 1; left = begin + ms - performance.now()) {
        await Bun.sleep(Math.min(Math.ceil(left), PROGRESS_MS));
        this.#say(
          performance.now() - begin,
          await within("tell how far it is", cast.tally()),
          residentBytes(server.pid),
        );
      }
      Object.assign(this.#counts, { edits: trouble.edits, kills: trouble.kills });
    }
    await within("fall silent", cast.hush());
    await within("settle", cast.settle());
    await within("be audited", cast.audit());
    await within("leave", cast.leave());
    Object.assign(this.#counts, await whatIsLeft(server, 2 * graces[this.options.by]));
  }

  /** Prints what was measured, and what of it is not as it must be. */
  report({ faults, resumed, ...did }: Tally): void {
    const { notes, ...counted } = faults;
    const times = new Histogram();
    for (const ms of resumed) times.add(ms * 1000);
    const { p50, p99, worst } = times.percentiles();
    const ofResident = this.#resident.grownAfter(resident.warmUp);
    const ofLive = this.#live?.grownAfter(live.warmUp);
    const grown = this.#live ? ofLive : ofResident;
    const { minutes, pace, seed, runtime, by } = this.options;
    const measured = {
      ...did,
      "came back": resumed.length,
      ...this.#counts,
      ...grownIn("resident", ofResident),
      ...grownIn("live", ofLive),
      seed,
      minutes,
      "each does something each, ms": pace,
      ...counted,
      "link to resumed, median ms": p50,
      "link to resumed, p99 ms": p99,
      "link to resumed, worst ms": worst,
    };
    console.log(`resident MB: ${this.#resident.course.join(" ")}`);
    if (this.#live) console.log(`live MB: ${this.#live.course.join(" ")}`);
    printTable(
      [`drops, ${by}, ${runtime}`, "measured"],
      Object.entries(measured).map(([name, value]) => [name, figure(value)]),
    );
    this.tell(notes);
    const { "ghost users": users, "leaked rooms": rooms } = this.#counts;
    const failures = [
      faults.total > 0 && `${faults.total} faults`,
      users + rooms > 0 && `${users} users and ${rooms} rooms are left`,
      resumed.length === 0 && "nobody came back",
      grown && grown.share > MOST_GROWTH && `the server has grown by ${figure(grown.share * 100)} %`,
    ].filter((failure) => typeof failure === "string");
    console.log(failures.length > 0 ? `Failed: ${failures.join("; ")}.` : "All as it must be.");
    if (!grown)
      console.log(
        `Memory is looked at in runs of ${(2 * (this.#live ? live : resident).warmUp) / 60_000} minutes or more.`,
      );
    if (failures.length > 0) process.exitCode = 1;
    else if (minutes >= KEPT_MINUTES) keep(`drops-${by}-${runtime}`, measured);
  }

  #say(ms: number, { drops: lost, resumed, acts, faults }: Tally, bytes: number): void {
    const parts = [`${lost} drops`, `${resumed.length} back`, `${acts} acts`, `${faults.total} faults`];
    console.log(
      `${(ms / 60_000).toFixed(1)} min: ${parts.join(", ")}, ${Math.round(bytes / 1024 / 1024)} MB resident`,
    );
    this.tell(faults.notes);
  }

  /** Prints the notes that it has not printed yet. */
  tell(notes: readonly string[]): void {
    for (const note of notes.slice(this.#told)) console.log(note);
    this.#told = notes.length;
  }
}

/** Returns what a table says of memory of a kind. */
function grownIn(kind: string, grown: { bytes: number; share: number } | undefined): Record<string, number> {
  return grown
    ? { [`${kind} MB`]: grown.bytes / 1024 / 1024, [`${kind}: grown by, %`]: grown.share * 100 }
    : {};
}

/** Rejects where a step takes too long. */
async function within<T>(what: string, step: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the crowd does not ${what} within ${STEP_MS} ms`)), STEP_MS);
  });
  return await Promise.race([step, late]).finally(() => clearTimeout(timer));
}

/** What the API says of the application. */
interface ApplicationState {
  readonly userCount: number;
  readonly roomCount: number;
  readonly rooms: readonly { readonly script: { readonly waiting: number } }[];
}

async function stateOf({ port }: RunningServer): Promise<ApplicationState> {
  const response = await fetch(`http://127.0.0.1:${port}/api/applications/${APPLICATION}`);
  return (await response.json()) as ApplicationState;
}

/** Returns true if no room has more events before it than its members send in a while. */
async function areBack(server: RunningServer): Promise<boolean> {
  const { rooms } = await stateOf(server);
  return rooms.every(({ script }) => script.waiting <= MEMBERS);
}

/** Users and rooms of the server once all have gone; or after so long, ms, since the last client has. */
async function whatIsLeft(server: RunningServer, patience: number) {
  const end = performance.now() + patience;
  for (;;) {
    const { userCount, roomCount } = await stateOf(server);
    if ((userCount === 0 && roomCount === 0) || performance.now() > end)
      return { "ghost users": userCount, "leaked rooms": roomCount };
    await Bun.sleep(200);
  }
}
