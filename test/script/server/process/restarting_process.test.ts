import { expect, test } from "bun:test";
import type { HostLink, HostListener } from "../../../../src/script/server/process/host_link.ts";
import { RestartingProcess } from "../../../../src/script/server/process/restarting_process.ts";
import { FakeClock } from "../../../core/fake_clock.ts";

/** A process that does nothing of what it is told. */
class Unmoved implements HostLink {
  readonly pid = 1;
  readonly isReady = true;
  readonly isWritable = true;
  kills = 0;

  constructor(public listener: HostListener) {}

  send(): void {}
  flush(): void {}
  usage(): undefined {}
  adopt(_: number, listener: HostListener): void {
    this.listener = listener;
  }
  kill(): void {
    this.kills++;
  }
  end(): void {}
}

function start() {
  const clock = new FakeClock();
  const links: Unmoved[] = [];
  const endings: string[] = [];
  const owner: HostListener = {
    frame() {},
    writable() {},
    ended: (...ending) => endings.push(ending.join(": ")),
  };
  const restarting = new RestartingProcess(
    1,
    {
      start: (_, listener) => {
        const link = new Unmoved(listener);
        links.push(link);
        return link;
      },
      clock,
      log() {},
      startTimeout: 1000,
    },
    owner,
  );
  return { clock, links, endings, restarting };
}

test("[B7] a process that was killed and of whose end nothing is heard is given up, and another one takes its place", () => {
  const { clock, links, endings, restarting } = start();
  const [first] = links as [Unmoved];
  restarting.kill("watchdog", "it hung");
  clock.advance(1999);
  expect([first.kills, endings, links.length]).toEqual([1, [], 1]);
  expect(restarting.surrender(2, first.listener)).toBeUndefined();
  clock.advance(1);
  expect([endings, links.length]).toEqual([["watchdog: it hung"], 2]);
  expect(restarting.link).toBe(links[1]);
  // What comes of it later is nobody's.
  first.listener.ended("watchdog", "the script host was ended by SIGKILL");
  expect([endings.length, links.length]).toEqual([1, 2]);
});

test("a process that ends when it is killed is replaced once", () => {
  const { clock, links, endings, restarting } = start();
  restarting.kill("watchdog", "it hung");
  links[0]?.listener.ended("watchdog", "the script host was ended by SIGKILL");
  expect([endings, links.length]).toEqual([["watchdog: it hung"], 2]);
  clock.advance(10_000);
  expect([endings.length, links.length, clock.pending]).toEqual([1, 2, 0]);
});
