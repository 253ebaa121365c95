/** What becomes of those who are there when an edit makes their room durable, and the server is killed after it. */
import { expect, test } from "bun:test";
import { seenBy } from "./guests.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (durable: boolean) => `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: ${durable},
  state: () => ({ count: 0 }),
  messages: { count: (room) => ++room.state.count },
});`;

onEachRuntime("a room that becomes durable", (runtime) => {
  test("[P149] its users come back to a killed server with all of their frames received, also those from before the edit", async () => {
    const stage = await new Restartable(runtime, { "hall.ts": room(false) }).start();
    const ann = await stage.connect("hall");
    const { session } = await ann.ok({ event: "login", data: { name: "ann" } });
    await ann.ok({ event: "join", room: "hall" });
    for (let n = 1; n <= 3; n++) expect(await ann.ask("hall", "count")).toBe(n);
    stage.server.write("hall.ts", room(true));
    await stage.server.logged(/hall v2·\w+ Version live/);
    expect(await ann.ask("hall", "count")).toBe(4);
    await stage.restart();
    const back = await stage.connect("hall");
    back.idPrefix = "back ";
    const resumed = await back.ok({ event: "reconnect", data: { session, seen: seenBy(ann) } });
    expect(resumed).toMatchObject({ received: 5, rooms: [{ room: "hall", users: [{ name: "ann" }] }] });
    expect(resumed.beyond).toBeUndefined();
    expect(await back.ask("hall", "count")).toBe(5);
  });
});
