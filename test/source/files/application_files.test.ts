import { expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { ApplicationFiles } from "../../../src/source/files/application_files.ts";
import { TemporaryFolder } from "../folder.ts";

const files = {
  "game/app.ts": "one",
  "game/rooms/match.ts": "two",
  "game/hotroom.json": "{}",
  "game/public/index.html": "<p>",
  "game/public/board.png": "picture",
  "game/.env": "SECRET=1",
  "game/rooms/match.test.ts": "test",
  "talk.ts": "talk",
  "talk.public/index.html": "<b>",
  "other.txt": "other",
};
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: { code: string }) => error.code,
  );

function opened() {
  const folder = new TemporaryFolder(files);
  const own = new ApplicationFiles((name) => (name === "given" ? undefined : { folder: folder.path, name }));
  return { folder, own };
}

test("the files of an application are its sources, its settings and the texts of its pages", async () => {
  const { folder, own } = opened();
  using _ = folder;
  const paths = async (name: string) => (await own.list(name))?.files.map(({ path }) => path);
  expect(await paths("game")).toEqual(["app.ts", "hotroom.json", "rooms/match.ts", "public/index.html"]);
  expect(await paths("talk")).toEqual(["talk.ts", "public/index.html"]);
  expect(await paths("given")).toBeUndefined();
  expect((await own.list("game"))?.isWritable).toBe(true);
});

test("what is not listed is neither read nor written: hidden files, tests, other applications', what a link leads to", async () => {
  const { folder, own } = opened();
  using outside = new TemporaryFolder({ "secret.html": "secret" });
  using _ = folder;
  symlinkSync(outside.join("secret.html"), folder.join("game/public/link.html"));
  for (const path of [
    ".env",
    "../talk.ts",
    "rooms/../app.ts",
    "/etc/passwd",
    "public/link.html",
    "rooms/match.test.ts",
    "public/board.png",
    "new.ts",
    "",
  ]) {
    expect([path, await code(own.read("game", path))]).toEqual([path, "file_not_found"]);
    expect([path, await code(own.write("game", { path, text: "x", tag: "x" }))]).toEqual([
      path,
      "file_not_found",
    ]);
  }
  expect(readFileSync(outside.join("secret.html"), "utf8")).toBe("secret");
});

test("a file is saved whole, with its rights, where it is what was read; else nothing is written", async () => {
  const { folder, own } = opened();
  using _ = folder;
  const place = folder.join("game/rooms/match.ts");
  chmodSync(place, 0o640);
  const read = await own.read("game", "rooms/match.ts");
  expect(read.text).toBe("two");
  const tag = await own.write("game", { ...read, text: "three" });
  expect([readFileSync(place, "utf8"), statSync(place).mode & 0o777]).toEqual(["three", 0o640]);
  expect(await code(own.write("game", { ...read, text: "four" }))).toBe("file_changed");
  // Of two at once the first one is saved.
  const both = ["five", "six"].map((text) => code(own.write("game", { path: read.path, text, tag })));
  expect(await Promise.all(both)).toEqual(["done", "file_changed"]);
  expect(readFileSync(place, "utf8")).toBe("five");
  expect(readdirSync(folder.join("game/rooms")).sort()).toEqual(["match.test.ts", "match.ts"]);
});

test("what is no text, or too long, is not read", async () => {
  const { folder, own } = opened();
  using _ = folder;
  folder.write({ "game/public/long.txt": "x".repeat(1024 * 1024 + 1) });
  await Bun.write(folder.join("game/public/bytes.txt"), new Uint8Array([0xff, 0xfe, 0x00]));
  expect(await code(own.read("game", "public/long.txt"))).toBe("too_large");
  expect(await code(own.read("game", "public/bytes.txt"))).toBe("not_text");
  expect(existsSync(folder.join("game/public/long.txt"))).toBe(true);
});
