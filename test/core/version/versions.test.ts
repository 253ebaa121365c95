import { expect, test } from "bun:test";
import type { Version } from "../../../src/core/ports/build.ts";
import {
  hasFailed,
  type KeptVersion,
  MAX_KEPT_VERSIONS,
  Versions,
} from "../../../src/core/version/versions.ts";

const version = (count: number, hash = `${count}`.repeat(12)) =>
  ({
    build: { version: `v${count}·${hash.slice(0, 6)}`, hash },
    rooms: new Map(),
  }) as unknown as Version;

const kept = (moving: number, ...failed: string[]) =>
  ({ moving, failures: new Map(failed.map((name) => [name, "boom"])) }) as unknown as KeptVersion;

test.each([
  [0, [], false],
  [1, ["a"], true],
  [10, ["a"], true],
  [11, ["a"], false],
  [1000, ["a", "b"], false],
  [1000, ["a", "b", "c"], true],
  // The extension is one of one.
  [1000, [""], true],
])("of %i rooms that moved, those that fail are %j: gone back is %p", (moving, failed, expected) => {
  expect(hasFailed(kept(moving, ...failed))).toBe(expected);
});

test("the version before is known, and going back makes no new entry", () => {
  const [one, two] = [version(1), version(2)];
  const versions = new Versions(one, 5);
  expect(versions.live).toMatchObject({ version: one, standing: "new", since: 5 });
  versions.makeLive(two, "swapped", 6);
  expect(versions.live).toMatchObject({ version: two, earlier: one, standing: "swapped" });
  versions.makeLive(one, "by_hand", 7);
  expect(versions.live).toMatchObject({ version: one, standing: "by_hand", since: 7 });
  expect(versions.all()).toHaveLength(2);
});

test("a version is found by name, counter or content, the newest where several fit", () => {
  const versions = new Versions(version(1, "abcdef012345"), 0);
  versions.makeLive(version(2, "ffff00000000"), "swapped", 1);
  versions.makeLive(version(3, "abcdef012345"), "swapped", 2);
  const name = (text: string) => versions.find(text).version.build.version;
  expect(name("v1")).toBe("v1·abcdef");
  expect(name("v2·ffff00")).toBe("v2·ffff00");
  expect(name("abcdef01")).toBe("v3·abcdef");
  expect(() => name("v4")).toThrow(
    'Cannot find version "v4": there is only v1·abcdef, v2·ffff00, v3·abcdef.',
  );
  for (const text of ["abc", "", "v", "vv1"]) expect(() => name(text)).toThrow("Cannot find version");
});

test("the oldest that nothing runs are forgotten, never the live one", () => {
  const versions = new Versions(version(1), 0);
  for (let n = 2; n <= 8; n++) versions.makeLive(version(n), "swapped", n);
  const used = new Set([version(2).build.version]);
  versions.prune(used);
  expect(versions.all().map(({ version }) => version.build.version[1])).toEqual(["2", "5", "6", "7", "8"]);
  expect(versions.all()).toHaveLength(MAX_KEPT_VERSIONS);
});
