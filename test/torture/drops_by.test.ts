/** The SDK in a real browser, and the client in Go: lost in every way, they come back by themselves, while their script is edited and killed. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { Cast, Play } from "../bench/drops/cast.ts";
import { chromiumCast } from "../bench/drops/chromium_cast.ts";
import { goCast } from "../bench/drops/go_cast.ts";
import { hall } from "../bench/drops/hall.ts";
import { whyNot } from "../client/go.ts";
import { noBrowser } from "../e2e/browser.ts";
import { startServer, until } from "../e2e/harness.ts";

setDefaultTimeout(120_000);
/** Times that somebody is back after which the next thing happens. */
const RETURNS = 5;

const files = {
  "drops/hotroom.json": JSON.stringify({
    rooms: "join",
    // A busy machine makes absences long.
    session: { grace: 60_000, history: 5_000, historyBytes: 4 * 1024 * 1024 },
  }),
  "drops/rooms/hall.ts": hall(1),
};

const casts: [name: string, whyNot: string | undefined, cast: (play: Play) => Promise<Cast>][] = [
  ["the SDK in Chromium, whose network is cut off and on", noBrowser, chromiumCast],
  ["the client in Go", whyNot(), goCast],
];

for (const [name, reason, make] of casts) {
  const title = `nothing is lost, repeated or reordered by ${name}`;
  if (reason !== undefined) test.skip(`${title}: skipped, ${reason}`, () => {});
  else
    test(title, async () => {
      const server = await startServer({ runtime: "bun", files, args: ["--inbound-rate", "0"] });
      const seed = Number(process.env.HOTROOM_SEED ?? Math.floor(Math.random() * 1e6));
      console.log(`drops by ${name}: HOTROOM_SEED=${seed}`);
      const plan = { clients: 8, rooms: 2, seed, pace: 100, stay: 2_000, away: 1_000 };
      const cast = await make({ port: server.port, application: "drops", plan });
      let back = 0;
      const someReturn = async () => {
        const before = back;
        await until("some to come back", async () => {
          back = (await cast.tally()).resumed.length;
          return back >= before + RETURNS;
        });
      };
      try {
        await cast.enter();
        await cast.talk();
        await someReturn();
        server.write("drops/rooms/hall.ts", hall(2));
        await server.logged(/drops v2·\w+ Version live/);
        await someReturn();
        for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
        await someReturn();
        await cast.hush();
        await cast.settle();
        await cast.audit();
        const { faults } = await cast.tally();
        expect(faults.notes).toEqual([]);
        expect(faults.total).toBe(0);
      } finally {
        await cast.close();
        await server.kill();
      }
    });
}
