/** A durable script among moves, failures, killed hosts and a store that fails: what was acknowledged has happened, once, and nothing else. */
import { expect, test } from "bun:test";
import type { Build } from "../../../../src/core/ports/build.ts";
import type { KeptScript } from "../../../../src/core/ports/script_journal.ts";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import { ask, buildOf, message, Room, startHosts, stateOf } from "../harness.ts";
import { KeptScriptJournal } from "./kept_script_journal.ts";

const STEPS = 120;

/** Returns a source of numbers from 0 up to 1 that a seed decides. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3])(
  "[D1, D2, D5] what was acknowledged has happened, once, and nothing else: disorder %i",
  async (seed) => {
    const next = chance(seed);
    const { hosts } = startHosts({ hosts: 2 });
    const builds: Build[] = [buildOf("")];
    const load = (code: string) => {
      const build = buildOf(code);
      builds.push(build);
      return hosts.load(build);
    };
    const journal = new KeptScriptJournal();
    const script = hosts.open(await hosts.load(builds[0] as Build), new Room(), journal);
    const acknowledged: number[] = [];
    const codes = new Set<string>();
    const waiting: Promise<unknown>[] = [];
    const count = (number: number) =>
      new Promise<void>((resolve) => {
        script.dispatch(message("count", number), ({ failure }: Outcome) => {
          if (failure) codes.add(failure.code);
          else acknowledged.push(number);
          resolve();
        });
      });
    const deeds: (() => unknown)[] = [
      () => ask(script, "throw"),
      () =>
        script.swap(versions[Math.floor(next() * versions.length)] as (typeof versions)[0]).catch(() => {}),
      () => script.goBack(versions[0] as (typeof versions)[0]).catch(() => {}),
      () => {
        const pid = hosts.hosts()[Math.floor(next() * 2)]?.pid;
        if (typeof pid === "number" && next() < 0.1) process.kill(pid, "SIGKILL");
      },
      () => ask(script, "claim", 200),
      () => {
        journal.problem = next() < 0.5 ? "disk full" : undefined;
      },
      () => {
        journal.isHeld = !journal.isHeld;
        if (!journal.isHeld) journal.commit();
      },
      () => {
        // A commit fails, and the store is well again before anybody looks.
        if (journal.waiting.length > 0) journal.commit(false);
      },
    ];
    /** What is kept at some moments, where everything might have ended, and how many were acknowledged. */
    const ends: { kept: KeptScript; least: number }[] = [];
    const versions = [
      await load(""),
      await load("has:events.reload"),
      await load("fails:emits.e has:emits.e"),
    ];
    await stateOf(script);
    for (let step = 0; step < STEPS; step++) {
      waiting.push(count(step));
      if (next() < 0.5) waiting.push(Promise.resolve(deeds[Math.floor(next() * deeds.length)]?.()));
      if (step % 10 === 0) ends.push({ kept: journal.script, least: acknowledged.length });
      if (next() < 0.5) await new Promise((resolve) => setTimeout(resolve, next() * 20));
    }
    journal.problem = undefined;
    journal.isHeld = false;
    journal.commit();
    await Promise.all(waiting);
    const state = await stateOf(script);
    expect(countedIn(state)).toEqual(acknowledged);
    await hosts.stop();
    ends.push({ kept: journal.script, least: acknowledged.length });
    const again = startHosts();
    for (const { kept, least } of ends) {
      const build = builds.find(({ hash }) => hash === kept.opening.hash) as Build;
      const back = again.hosts.open(await again.hosts.load(build), new Room(), new KeptScriptJournal(kept));
      const then = countedIn(await stateOf(back));
      expect(then).toEqual(acknowledged.slice(0, Math.max(least, then.length)));
      back.close();
    }
    expect(ends.at(-1)?.least).toBe(acknowledged.length);
    expect([...codes]).toEqual(["not_saved"]);
  },
);

/** Numbers of the events that a script has counted, in their order. */
function countedIn({ seen }: { seen: readonly string[] }): number[] {
  return seen.filter((each) => /^\d+$/.test(each)).map(Number);
}
