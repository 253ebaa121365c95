/** A server that ends after any of its commits has sent each request once, and its script hears of each once. */
import { expect, test } from "bun:test";
import type { FetchAnswer, Fetcher, FetchRequest } from "../../../src/core/ports/fetcher.ts";
import { buildOf, Core } from "../durable/core.ts";
import { RecordingStore } from "../durable/recording_store.ts";

const kept = (define: string) => `
import { ${define} } from "hotroom";
const note = (it, text) => void it.state.log.push(text);
export default ${define}({
  durable: true,
  state: () => ({ log: [] }),
  ${define === "defineRoom" ? "" : 'events: { init: (app) => app.createRoom("a", { type: "r", keep: true }) },'}
  emits: {
    go(it) {
      note(it, "go");
      const { name } = it;
      it.fetch("first", name + "/first", { method: "POST", body: "secret" }, { n: 1 });
      it.schedule("t", 50);
      it.fetch("nobody", name + "/nobody");
    },
    dump: (it) => console.log(JSON.stringify(it.state)),
  },
  timers: { t: (it) => note(it, "t") },
  fetches: {
    first(it, { body, error }, { n }) {
      note(it, "first " + n + " " + (error ? error.code : body));
      it.fetch("second", it.name + "/second");
    },
    second: (it, { body, error }) => note(it, "second " + (error ? error.code : body)),
  },
});`;
const build = buildOf(
  { "app.js": kept("defineApplication"), "rooms/r.js": kept("defineRoom") },
  { emptyGrace: 1_000_000 },
);

/** Answers at once, and notes after how many commits it was asked for what. */
class Noting implements Fetcher {
  readonly sent = new Map<string, number[]>();

  constructor(private readonly store: RecordingStore) {}

  async fetch({ url }: FetchRequest): Promise<FetchAnswer> {
    this.sent.set(url, [...(this.sent.get(url) ?? []), this.store.transactions.length]);
    return { response: '{"status":200,"headers":{}}', body: `of ${url}`, wasSent: true };
  }
}

const urls = ["a", "app"].flatMap((name) => ["first", "nobody", "second"].map((each) => `${name}/${each}`));

test("after the end at any step what was sent is not sent again, and each answer is heard once", async () => {
  const store = new RecordingStore();
  const control = new Noting(store);
  const core = new Core(store, control);
  await core.start(build);
  const before = store.transactions.length;
  core.application.emit("a", "go");
  core.application.emit(null, "go");
  await core.pass(120);
  const after = store.transactions.length;
  expect([...control.sent.keys()].sort()).toEqual(urls);
  expect([...control.sent.values()].every(({ length }) => length === 1)).toBe(true);
  expect(await core.state("a")).toEqual({ log: ["go", "first 1 of a/first", "second of a/second", "t"] });
  await core.stop();
  expect(after - before).toBeGreaterThan(8);
  expect(JSON.stringify(store.transactions.slice(before)).includes("secret")).toBe(false);
  for (let count = before + 1; count <= after; count++) {
    const copy = await store.cut(count);
    const again = new Noting(store);
    const next = new Core(copy, again);
    await next.start(build);
    await next.pass(120);
    for (const name of ["a", ""]) {
      const { log } = (await next.state(name)) as { log: string[] };
      const what = log.map((line) => line.split(" ")[0] as string).sort();
      // One that was heard before another was asked for is heard before it.
      expect([count - before, what]).toEqual([count - before, ["first", "go", "second", "t"]]);
    }
    for (const url of urls) {
      const [sentAt = 0] = control.sent.get(url) ?? [];
      const isSent = (again.sent.get(url) ?? []).length;
      expect([count - before, url, isSent]).toEqual([count - before, url, count < sentAt ? 1 : 0]);
    }
    await next.stop();
  }
}, 60_000);
