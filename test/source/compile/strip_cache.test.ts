import { afterEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../../src/core/errors.ts";
import { defaultCache, StripCache } from "../../../src/source/compile/strip_cache.ts";
import { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { until } from "../../e2e/harness.ts";
import { TemporaryFolder } from "../folder.ts";

const source = "export const a: number = 1;";
const stripped = "export const a         = 1;";
const strippers: Stripper[] = [];
afterEach(() => {
  for (const stripper of strippers.splice(0)) stripper.close();
});

const reportOf = (code: string) => ({ code, imports: [], warnings: [] });

/** A stripper with that cache; each source that it gets is a build of its own. */
function stripperWith(cache: StripCache, command?: string[]) {
  const stripper = new Stripper({ cache, ...(command && { command }) });
  strippers.push(stripper);
  return {
    strip: (file: string, source: string) => stripper.strip(new StripTurn("game"), file, source),
  };
}
/** One that fails wherever it has to start a process. */
const withoutProcess = (cache: StripCache) => stripperWith(cache, ["/nowhere/to/be/found"]);

/** The only entry's path. */
function entryOf(folder: string): string {
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  return join(folder, names[0] as string);
}

test("what was stripped once is known to the next server, without a process, under any file name", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join("made/for/it");
  const first = new StripCache(path);
  expect(await stripperWith(first).strip("a.ts", source)).toEqual(reportOf(stripped));
  await until("the entry", async () => (await first.read("a.ts", source)) !== undefined);
  expect(await withoutProcess(new StripCache(path)).strip("rooms/b.ts", source)).toEqual(reportOf(stripped));
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(entryOf(path)).mode & 0o777).toBe(0o600);
});

test("a source that differs in one character is not known", async () => {
  using folder = new TemporaryFolder();
  const cache = new StripCache(folder.join("cache"));
  await cache.write("a.ts", source, reportOf(stripped));
  expect(await cache.read("a.ts", `${source} `)).toBeUndefined();
});

test.each([
  ["was cut off", (path: string) => truncateSync(path, statSync(path).size - 3)],
  ["is empty", (path: string) => truncateSync(path, 0)],
  [
    "has another code",
    (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace("= 1", "= 2")),
  ],
  ["is something else", (path: string) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 10, 10]))],
])("an entry that %s is not used, and is written anew", async (_, spoil) => {
  using folder = new TemporaryFolder();
  const cache = new StripCache(folder.join("cache"));
  await cache.write("a.ts", source, reportOf(stripped));
  spoil(entryOf(folder.join("cache")));
  expect(await cache.read("a.ts", source)).toBeUndefined();
  expect(await stripperWith(cache).strip("a.ts", source)).toEqual(reportOf(stripped));
  await until("the entry", async () => (await cache.read("a.ts", source))?.code === stripped);
});

test("a source that can't be stripped is told with its place each time, and not kept", async () => {
  using folder = new TemporaryFolder();
  const cache = new StripCache(folder.join("cache"));
  const stripper = stripperWith(cache);
  for (let time = 0; time < 2; time++) {
    const error = await stripper
      .strip("a.ts", "const a = 1;\nenum E { A }\n")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BuildError);
    expect((error as BuildError).position).toMatchObject({ file: "a.ts", line: 2, column: 1 });
  }
  expect(readdirSync(folder.join("cache"))).toEqual([]);
});

test("a folder that can't be had is told once, and hinders nothing", async () => {
  using folder = new TemporaryFolder({ file: "no folder" });
  const told: string[] = [];
  const stripper = stripperWith(new StripCache(folder.join("file/cache"), (text) => told.push(text)));
  expect(await stripper.strip("a.ts", source)).toEqual(reportOf(stripped));
  expect(await stripper.strip("b.ts", `${source} `)).toEqual(reportOf(`${stripped} `));
  expect(told).toHaveLength(1);
  expect(told[0]).toStartWith(`Cannot keep stripped sources in ${folder.join("file/cache")}`);
});

test("a folder into which others may write is not used", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join("cache");
  await new StripCache(path).write("a.ts", source, reportOf(stripped));
  chmodSync(path, 0o777);
  const told: string[] = [];
  const cache = new StripCache(path, (text) => told.push(text));
  expect(await cache.read("a.ts", source)).toBeUndefined();
  await cache.write("a.ts", "other", reportOf("other"));
  expect(readdirSync(path)).toHaveLength(1);
  expect(told).toEqual([expect.stringContaining("others may write to it")]);
});

test("an entry that can't be read or replaced is told, and hinders nothing", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join("cache");
  const told: string[] = [];
  const cache = new StripCache(path, (text) => told.push(text));
  await cache.write("a.ts", source, reportOf(stripped));
  const entry = entryOf(path);
  unlinkSync(entry);
  mkdirSync(join(entry, "in the way"), { recursive: true });
  expect(await stripperWith(cache).strip("a.ts", source)).toEqual(reportOf(stripped));
  expect(told).toHaveLength(1);
});

test("processes that share a folder read each other's entries, and never half of one", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join("cache");
  const worker = join(import.meta.dir, "fixtures/cache_writer.ts");
  const writers = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, "run", worker, path], { stdout: "pipe", stderr: "inherit" }),
  );
  const answers = await Promise.all(writers.map(({ stdout }) => new Response(stdout).text()));
  // Each entry that a process found was the one that belongs to the source.
  for (const answer of answers) expect(answer).toBe("wrong: 0\n");
  const cache = new StripCache(path);
  for (let n = 0; n < 20; n++)
    expect((await cache.read("a.ts", `source ${n}`))?.code).toBe(`code ${n}`.repeat(5000));
  expect(readdirSync(path)).toHaveLength(20);
});

test("what was written longest ago goes when there is too much", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join("cache");
  const early = new StripCache(path);
  for (let n = 0; n < 5; n++) await early.write("a.ts", `source ${n}`, reportOf("x".repeat(1000)));
  // A draft that somebody left behind counts too.
  folder.write({ [`cache/${"0".repeat(64)}.1.0`]: "x".repeat(1000) });
  for (const name of readdirSync(path)) utimesSync(join(path, name), 1000, 1000);
  const cache = new StripCache(path, undefined, 3500);
  await cache.write("a.ts", "new", reportOf("y".repeat(1000)));
  expect(await cache.read("a.ts", "new")).toEqual(reportOf("y".repeat(1000)));
  expect(readdirSync(path)).toHaveLength(3);
});

test("it lies where the system keeps a user's caches", () => {
  expect(defaultCache({ XDG_CACHE_HOME: "/var/cache/ann", HOME: "/home/ann" })).toBe(
    "/var/cache/ann/hotroom",
  );
  // The customs want a relative one ignored.
  expect(defaultCache({ XDG_CACHE_HOME: "cache", HOME: "/home/ann" })).toMatch(/^\/home\/ann\/.*hotroom$/);
});
