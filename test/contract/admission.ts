import { expect, test } from "bun:test";
import { Driver, type Subject } from "./driver.ts";
import { Peer } from "./peer.ts";
import type { Limits } from "./platform_server.ts";

/** How many connections there may be; part of the contract in `platform.ts`. */
export function admissionContract(start: (limits: Limits) => Promise<Subject>): void {
  test.each([
    ["in all", { maxConnections: 3 }, "There are 3 connections, the most that may be"],
    ["of one address", { maxConnectionsPerAddress: 3 }, "Address 127.0.0.1 has 3 connections"],
  ])(
    "[P8] answers 503 to one connection more than there may be %s, until one ends",
    async (_, limits, warning) => {
      const server = new Driver(await start(limits));
      const ask = () => fetch(`http://127.0.0.1:${server.port}/`, { headers: { connection: "close" } });
      const upgrade = (as: string) => Peer.upgrade(server.port, `/ws?as=${as}`);
      try {
        const peers = [await upgrade("one"), await upgrade("two"), await upgrade("three")];
        expect(peers.map(({ status }) => status)).toEqual([101, 101, 101]);
        const more = await upgrade("four");
        expect(more.status).toBe(503);
        more.peer.reset();
        const refused = await ask();
        expect([refused.status, await refused.json()]).toMatchObject([
          503,
          { error: { code: "too_many_connections" } },
        ]);
        peers[0]?.peer.reset();
        while ((await ask()).status !== 200) await Bun.sleep(5);
        const again = await upgrade("again");
        expect(again.status).toBe(101);
        for (const { peer } of [...peers, again]) peer.reset();
        while ((await ask()).status !== 200) await Bun.sleep(5);
        const warnings = (await server.heard("warning")).map(({ reason }) => reason);
        expect(warnings).toEqual([expect.stringContaining(warning)]);
      } finally {
        server.subject.kill();
      }
    },
  );
}
