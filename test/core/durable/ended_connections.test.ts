/** What a durable extension hears of connections that have ended with the server. */
import { expect, test } from "bun:test";
import { buildOf, Core } from "./core.ts";
import { RecordingStore } from "./recording_store.ts";

const app = `import { defineApplication } from "hotroom";
export default defineApplication({
  durable: true,
  state: () => ({ open: [] }),
  events: {
    connect: (app, connection) => void app.state.open.push(connection.id),
    disconnect: (app, connection, user) => void (app.state.open = app.state.open.filter((id) => id !== connection.id)),
  },
  emits: { dump: (app) => console.log(JSON.stringify(app.state.open)) },
});`;
const build = buildOf(
  { "app.js": app, "rooms/r.js": "import { defineRoom } from 'hotroom'; export default defineRoom({});" },
  { session: { grace: 1e6 } },
);

test("connections without a user end for the extension with the server, each by its own id", async () => {
  const store = new RecordingStore();
  const core = new Core(store);
  await core.start(build);
  core.connect();
  core.connect();
  await core.user("ann");
  await core.quiet();
  expect(await core.state("")).toEqual(["c1", "c2", "c3"]);
  for (let starts = 0, from = store; starts < 2; starts++) {
    const again = new Core(await from.cut(from.transactions.length));
    await again.start(build);
    expect(await again.state("")).toEqual([]);
    from = again.store as RecordingStore;
    await again.stop();
  }
  await core.stop();
});
