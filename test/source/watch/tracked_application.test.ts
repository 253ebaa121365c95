import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Build } from "../../../src/core/ports/build.ts";
import { type Change, ExtensionsWatcher } from "../../../src/source/watch/extensions_watcher.ts";
import { TemporaryFolder } from "../folder.ts";

const first = { "app.js": "1", "lib/a.js": "0" };

/** What comes, in an application's folder, after a part of a save that could be built; and what the whole is. */
const secondHalves: Record<
  string,
  { save: (join: (path: string) => string) => void; whole: Record<string, string> }
> = {
  more: {
    save: (join) => appendFileSync(join("app.js"), ";2"),
    whole: { ...first, "app.js": "1;2" },
  },
  as_long: { save: (join) => writeFileSync(join("app.js"), "2"), whole: { ...first, "app.js": "2" } },
  renamed_over: {
    save: (join) => {
      writeFileSync(join(".draft"), "2");
      renameSync(join(".draft"), join("app.js"));
    },
    whole: { ...first, "app.js": "2" },
  },
  one_more: {
    save: (join) => writeFileSync(join("lib/b.js"), "2"),
    whole: { ...first, "lib/b.js": "2" },
  },
  one_less: { save: (join) => rmSync(join("lib/a.js")), whole: { "app.js": "1" } },
  moved: {
    save: (join) => renameSync(join("lib/a.js"), join("lib/b.js")),
    whole: { "app.js": "1", "lib/b.js": "0" },
  },
};

let folder: TemporaryFolder;
let watcher: ExtensionsWatcher;

beforeEach(() => {
  folder = new TemporaryFolder({ "chat.js": "0" });
});
afterEach(() => {
  watcher.close();
  folder[Symbol.dispose]();
});

/** Saves, and resolves with the first `count` changes; `atDraft` is called with each build of files that may be half written still. */
async function changesAfter(
  save: () => void,
  count: number,
  atDraft: (build: Build) => void,
): Promise<Change[]> {
  const changes: Change[] = [];
  const changed = Promise.withResolvers<void>();
  let isSaved = false;
  watcher = new ExtensionsWatcher({
    folder: folder.path,
    // Nothing but signals: the poll is a net, and must not catch anything.
    poll: 600_000,
    // Longer than a busy machine takes to build what is there.
    settle: 1000,
    onChange: (change) => {
      if (changes.push(change) === count) changed.resolve();
    },
    onDraft: (build) => {
      if (isSaved) atDraft(build);
    },
  });
  await watcher.scan();
  isSaved = true;
  save();
  await changed.promise;
  return changes;
}

const textsOf = (change: Change | undefined) =>
  change && "build" in change ? Object.fromEntries(change.build.files) : {};

test("what is built while a save settles is what is taken", async () => {
  const drafts: Build[] = [];
  const [change] = await changesAfter(
    () => folder.write({ "chat.js": "1" }),
    1,
    (build) => drafts.push(build),
  );
  expect(drafts).toHaveLength(1);
  expect(change && "build" in change && change.build === drafts[0]).toBe(true);
  expect(drafts[0]?.version).toStartWith("v2·");
});

test("a part of a save that could be built is not taken, and is no version", async () => {
  const names = Object.keys(secondHalves);
  for (const name of names) folder.write({ [`${name}/app.js`]: "0", [`${name}/lib/a.js`]: "0" });
  const drafts = new Map<string, Build>();
  const changes = await changesAfter(
    () => {
      for (const name of names) folder.write({ [`${name}/app.js`]: "1" });
    },
    names.length,
    (build) => {
      const { application } = build;
      if (drafts.has(application)) return;
      drafts.set(application, build);
      secondHalves[application]?.save((path) => folder.join(`${application}/${path}`));
    },
  );
  for (const [name, { whole }] of Object.entries(secondHalves)) {
    expect(Object.fromEntries(drafts.get(name)?.files ?? [])).toEqual(first);
    const [change, ...others] = changes.filter(({ application }) => application === name);
    expect(textsOf(change)).toEqual(whole);
    expect(change && "build" in change && change.build.version).toStartWith("v2·");
    expect(others).toEqual([]);
  }
});

test("of one who writes a piece as soon as the last one is built not each is built", async () => {
  let pieces = 0;
  const [change] = await changesAfter(
    () => folder.write({ "chat.js": "a" }),
    1,
    () => pieces < 20 && folder.write({ "chat.js": `${++pieces}` }),
  );
  expect(pieces).toBeLessThan(7);
  expect(textsOf(change)).toEqual({ "chat.js": `${pieces}` });
});
