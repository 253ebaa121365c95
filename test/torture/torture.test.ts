/** The promise: a script can fail itself, never another application, never the sockets. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime, type Runtime } from "../e2e/runtimes.ts";
import { attack } from "./attack.ts";
import { filesOf } from "./hostile.ts";
import { tables } from "./scripts.ts";
import { Victim, victimFiles, type Wait } from "./victim.ts";

/** How long the victims of one runtime waited at worst: for an answer of their script, and for one of the server alone. */
interface Worst {
  script: Wait;
  sockets: Wait;
}

const worst = new Map<Runtime, Worst>();

/** Keeps the worst of all topics. */
function note(runtime: Runtime, { worst: script, worstOfSockets: sockets }: Victim): void {
  const before = worst.get(runtime) ?? { script, sockets };
  const longer = (one: Wait, other: Wait) => (one.ms > other.ms ? one : other);
  worst.set(runtime, {
    script: longer(before.script, script),
    sockets: longer(before.sockets, sockets),
  });
}

afterAll(() => {
  const text = ({ ms, during }: Wait) => `${ms.toFixed(0)} ms during "${during}"`;
  for (const [runtime, { script, sockets }] of worst) {
    console.log(
      `worst wait of a victim on ${runtime}: by script ${text(script)}, by sockets ${text(sockets)}`,
    );
  }
});

/** The hard limit is 0.5 s; this says only that nobody waits for ever, on a machine that does other things too. */
const HANG = 15_000;

for (const [topic, scripts] of Object.entries(tables)) {
  onEachRuntime(
    `hostile ${topic}`,
    (runtime) => {
      let server: TestServer;
      let victim: Victim;

      beforeAll(async () => {
        const files = Object.assign({}, victimFiles, ...scripts.map(filesOf));
        server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
        victim = await Victim.start(server);
        await victim.goesOn(20);
      });

      for (const script of scripts) {
        const run = script.todo === undefined ? test : test.todo;
        run(script.name, async () => {
          victim.during = script.name;
          const [counted] = await Promise.all([
            victim.goesOn(),
            attack(server, script, () => victim.goesOn(40)),
          ]);
          expect(counted).toEqual([]);
        });
      }

      test("the victims counted on through all of it, and nobody waited for ever", async () => {
        victim.during = "the end";
        const { sent, answered, seen, wrongs } = await victim.stop();
        expect(wrongs).toEqual([]);
        expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
        expect(victim.worst.ms).toBeLessThan(HANG);
        // The one at work, the one that waits to take over, and the one apart, which ends when it has been idle for a while.
        await until("the script hosts to be few", () => server.hostPids().length <= 3);
      });

      afterAll(() => {
        if (!victim) return;
        note(runtime, victim);
        console.log(`hostile ${topic}, on ${runtime}\n${victim.report()}`);
      });
    },
    ["bun", "deno"],
  );
}
