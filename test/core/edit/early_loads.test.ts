import { expect, test } from "bun:test";
import { EarlyLoads } from "../../../src/core/edit/early_loads.ts";
import type { Build, Version } from "../../../src/core/ports/build.ts";
import type { Scripts } from "../../../src/core/ports/scripts.ts";
import { FakeClock } from "../fake_clock.ts";

const buildOf = (hash: string, application = "chat") =>
  ({ application, hash, version: `v2·${hash}` }) as Build;

/** Loads by script hosts that answer when the test says so. */
function start(spare: "ready" | "busy" | "none" = "ready") {
  const clock = new FakeClock();
  const begun: { build: Build; answer: (error?: Error) => void }[] = [];
  const unloaded: string[] = [];
  const told: string[] = [];
  const scripts = {
    hosts: () => (spare === "none" ? [{ state: "ready" }] : [{ spare: true, state: spare }]),
    load: (build: Build) =>
      new Promise<Version>((resolve, reject) => {
        const answer = (error?: Error) => (error ? reject(error) : resolve({ build } as Version));
        begun.push({ build, answer });
      }),
    unload: ({ build }: Version) => unloaded.push(build.hash),
  } as unknown as Scripts;
  const built = ({ version }: Build, ms: number) => told.push(`${version} in ${ms} ms`);
  const loads = new EarlyLoads({ scripts, clock }, { built });
  return { clock, begun, unloaded, told, loads };
}

test("who wants what was loaded early has it at once, and is told how long it took", async () => {
  const { clock, begun, unloaded, told, loads } = start();
  const early = buildOf("aa");
  loads.begin(early);
  loads.begin(buildOf("aa"));
  clock.advance(7);
  begun[0]?.answer();
  await Bun.sleep(0);
  clock.advance(90);
  expect((await loads.load(buildOf("aa"))).build).toBe(early);
  expect([begun.length, told]).toEqual([1, ["v2·aa in 7 ms"]]);
  clock.advance(60_000);
  await Bun.sleep(0);
  expect(unloaded).toEqual([]);
  // A second time it is another version.
  void loads.load(buildOf("aa"));
  expect(begun).toHaveLength(2);
});

test("what is wrong with it is told to who wants it, and to nobody else", async () => {
  const { begun, loads } = start();
  loads.begin(buildOf("aa"));
  begun[0]?.answer(new Error("no"));
  await Bun.sleep(0);
  expect(loads.load(buildOf("aa"))).rejects.toThrow("no");
  loads.begin(buildOf("bb"));
  begun[1]?.answer(new Error("no"));
  loads.forget("chat");
  await Bun.sleep(0);
});

test("what nobody wants is forgotten: when others come, after a while, and at the end", async () => {
  const { clock, begun, unloaded, loads } = start();
  loads.begin(buildOf("aa"));
  loads.begin(buildOf("bb"));
  loads.begin(buildOf("cc", "game"));
  for (const { answer } of begun) answer();
  await Bun.sleep(0);
  expect(unloaded).toEqual(["aa"]);
  void loads.load(buildOf("dd"));
  await Bun.sleep(0);
  expect(unloaded).toEqual(["aa", "bb"]);
  clock.advance(60_000);
  await Bun.sleep(0);
  expect(unloaded).toEqual(["aa", "bb", "cc"]);
  loads.begin(buildOf("ee"));
  begun.at(-1)?.answer();
  loads.close();
  await Bun.sleep(0);
  expect([unloaded.at(-1), clock.pending]).toEqual(["ee", 0]);
});

test("nothing is loaded early where that would delay something", () => {
  for (const spare of ["busy", "none"] as const) {
    const { begun, loads } = start(spare);
    loads.begin(buildOf("aa"));
    expect(begun).toEqual([]);
  }
});
