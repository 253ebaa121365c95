/** Users who are taken out of a durable application while the server ends. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const app = `import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  emits: { out(app) { for (const user of app.users) app.kick(user); } },
});`;
const room = `import { defineRoom } from "hotroom"; export default defineRoom({});`;
const build = buildOf({ "app.js": app, "rooms/r.js": room }, { session: { grace: 1e6 } });
/** More than leave in one turn of the loop. */
const CROWD = 30;

test("of a crowd that is away a script has kicked all or nobody, wherever the server ends", async () => {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  for (let at = 0; at < CROWD; at++) {
    (await core.user(`user${at}`)).lose();
    // Who comes waits for its turn, too.
    core.clock.advance(0);
  }
  await core.quiet();
  const before = store.transactions.length;
  core.application.emit(null, "out");
  await core.settle();
  // The others leave when time passes.
  expect(core.application.users.size).toBeWithin(1, CROWD);
  await core.quiet();
  expect(core.application.users.size).toBe(0);
  await core.stop();
  const left = new Set<number>();
  for (let count = before; count <= store.transactions.length; count++) {
    const again = new Core(await store.cut(count));
    await again.start(build);
    left.add(again.application.users.size);
    await again.stop();
  }
  expect([...left]).toEqual([CROWD, 0]);
});
