/** What anyone can write into the head of a request, before any login: reading it costs in proportion to its length. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { request } from "node:http";
import { cpuTime } from "../../src/process/process_cpu.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Characters of a hostile header: Bun takes 16 KB of headers in all. */
const LENGTH = 15_000;
/** Requests of each attack, and the time between two of them, ms. */
const REQUESTS = 10;
const PACE = 20;
/** CPU time that the server may use while it answers them and the victim plays, ms; a quadratic pattern takes twice as much. */
const CPU = 600;

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Between two letters, since a parser of HTTP drops spaces at the ends. */
const around = (text: string) => `a${text.repeat(LENGTH / text.length)}b`;
const spaces = around(" ");

interface HeadAttack {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

const attacks: readonly HeadAttack[] = [
  ...[" ", ",", " ,", "\t", "hotroom.v1,"].map((part) => ({
    name: `subprotocols of ${JSON.stringify(part)}`,
    path: "/ws/victim",
    headers: { ...upgrade, "sec-websocket-protocol": around(part) },
    status: 101,
  })),
  {
    name: "a token of spaces",
    path: "/api/applications",
    headers: { authorization: `Bearer ${spaces}` },
    status: 401,
  },
  {
    name: "an origin of spaces",
    path: "/ws/victim",
    headers: { ...upgrade, origin: spaces },
    status: 101,
  },
  {
    name: "a host of labels",
    path: "/api/applications",
    headers: { host: `${"a.".repeat(LENGTH / 2)}localhost` },
    status: 401,
  },
  ...['"', '"a",', " ", ","].map((part) => ({
    name: `an entity tag of ${JSON.stringify(part)}`,
    path: "/client.js",
    headers: { "if-none-match": around(part) },
    status: 200,
  })),
  { name: "a path of slashes", path: "/".repeat(LENGTH), headers: {}, status: 404 },
  {
    name: "a name of escapes",
    path: `/ws/${"%e2".repeat(LENGTH / 3)}`,
    headers: upgrade,
    status: 404,
  },
  { name: "a query of ampersands", path: `/?${"&".repeat(LENGTH)}`, headers: {}, status: 200 },
];

/** Asks once, and resolves to the status that the answer has. */
function ask(port: number, { path, headers }: HeadAttack): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, headers, agent: false });
    asking.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asking.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.on("error", reject);
    asking.end();
  });
}

onEachRuntime(
  "hostile heads",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;

    beforeAll(async () => {
      server = await startServer({
        runtime,
        files: victimFiles,
        args: ["--inbound-rate", "0", "--admin-token", "a-long-secret"],
      });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    for (const attack of attacks) {
      test(attack.name, async () => {
        victim.during = attack.name;
        const before = cpuTime(server.pid) ?? 0;
        const statuses: number[] = [];
        for (let sent = 0; sent < REQUESTS; sent++) {
          void ask(server.port, attack).then(
            (status) => statuses.push(status),
            () => statuses.push(0),
          );
          await new Promise((resolve) => setTimeout(resolve, PACE));
        }
        expect(await victim.goesOn(40)).toEqual([]);
        await until("the answers to the attack", () => statuses.length === REQUESTS);
        const cpu = (cpuTime(server.pid) ?? 0) - before;
        expect(statuses).toEqual(new Array(REQUESTS).fill(attack.status));
        expect(cpu).toBeLessThan(CPU);
      });
    }

    test("the victims were answered through all of it", async () => {
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
    });

    afterAll(() => console.log(`hostile heads, on ${runtime}\n${victim?.report()}`));
  },
  ["bun", "deno"],
);
