import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { ApplicationFiles } from "../../../src/source/files/application_files.ts";
import { invitationOf } from "../../../src/source/files/invitation.ts";
import { TemporaryFolder } from "../folder.ts";

const invites = "const a = 1;\n  // Edit this line and watch: with 3 it is faster.\n  const speed = 2;\n";

test("the line that wants to be edited is the first one, of scripts and then of pages", async () => {
  using folder = new TemporaryFolder({
    "game/rooms/a.ts": "none",
    "game/rooms/b.ts": invites,
    "game/public/page.ts": invites,
    "talk.ts": "none",
    "talk.public/notes.txt": invites,
    "talk.public/page.js": `\n${invites}`,
    "quiet.ts": "none",
  });
  const of = (name: string) => invitationOf({ folder: folder.path, name });
  expect(await of("game")).toMatchObject({ path: "rooms/b.ts", line: 3 });
  expect(await of("talk")).toMatchObject({
    path: "public/page.js",
    absolute: folder.join("talk.public/page.js"),
    line: 4,
  });
  expect(await of("quiet")).toBeUndefined();
  expect(await of("nobody")).toBeUndefined();
  expect(await invitationOf({ folder: folder.join("gone"), name: "game" })).toBeUndefined();
  const files = new ApplicationFiles((name) => ({ folder: folder.path, name }));
  expect(await files.list("game")).toMatchObject({ invitation: { path: "rooms/b.ts", line: 3 } });
  expect(await files.list("quiet")).not.toHaveProperty("invitation");
});

test("neither many files, nor large ones, nor what lies elsewhere is looked into", async () => {
  using outside = new TemporaryFolder({ "page.ts": invites });
  using folder = new TemporaryFolder({
    "large.ts": `${"x".repeat(65_536)}\n${invites}`,
    "led/rooms/a.ts": "none",
    "led/public/index.html": "",
    ...Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`many/lib/a${at}.ts`, "none"])),
    "many/rooms/b.ts": invites,
  });
  symlinkSync(outside.join("page.ts"), folder.join("led/public/page.ts"));
  for (const name of ["large", "led", "many"])
    expect([name, await invitationOf({ folder: folder.path, name })]).toEqual([name, undefined]);
});
