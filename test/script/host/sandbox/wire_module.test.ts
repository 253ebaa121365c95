import { expect, test } from "bun:test";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { effectKinds } from "../../../../src/script/wire/answer/effects.ts";
import { Flag, kinds } from "../../../../src/script/wire/batch/batch.ts";
import { wireModule } from "../../../../src/script/host/sandbox/wire_module.ts";
import { TemporaryFolder } from "../../../source/folder.ts";

const root = join(import.meta.dir, "../../../..");

/** Every kind of number that the prelude has of the server, as it stands in its file and as another one. */
const changes: [file: string, from: string, to: string][] = [
  ["wire/answer/answer.ts", "SLICE_MS = 10", "SLICE_MS = 11"],
  [
    "wire/answer/answer.ts",
    "{ ok: 0, refused: 1, no_handler: 2, invalid_data: 3,",
    "{ ok: 2, refused: 3, no_handler: 1, invalid_data: 0,",
  ],
  ["wire/answer/effects.ts", '  "broadcast",\n  "send",\n', '  "send",\n  "broadcast",\n'],
  ["wire/answer/effects.ts", '  "schedule",\n  "cancel",\n', '  "cancel",\n  "schedule",\n'],
  ["wire/batch/batch.ts", '  "message",\n  "join",\n  "leave",\n', '  "leave",\n  "message",\n  "join",\n'],
  ["wire/batch/batch.ts", '  "snapshot",\n', ""],
  ["wire/batch/batch.ts", '  "open",\n', '  "open",\n  "snapshot",\n'],
  ["wire/batch/batch.ts", "  reply: 1,\n", "  reply: 4,\n"],
  ["wire/batch/batch.ts", "  foreign: 4,\n", "  foreign: 1,\n"],
  [
    "host/sandbox/event_rows.ts",
    "  event: 0,\n  outOfMemory: 1,\n  interrupted: 2,\n  count: 3,\n  took: 4,\n  failed: 5,\n  outOfMemoryIn: 6,\n  heapLimit: 7,\n  shortage: 8,\n  refused: 9,\n  bytes: 10,\n  rows: 11,\n",
    "  event: 3,\n  outOfMemory: 2,\n  interrupted: 4,\n  count: 5,\n  took: 1,\n  failed: 0,\n  outOfMemoryIn: 7,\n  heapLimit: 9,\n  shortage: 6,\n  refused: 8,\n  bytes: 11,\n  rows: 12,\n",
  ],
];

test("the prelude's wire is that of the server", () => {
  const source = wireModule();
  expect(source).toContain(`export const FLAG_MUTED = ${Flag.muted};\n`);
  expect(source).toContain(`export const KIND_TICK = ${kinds.indexOf("tick")};\n`);
  expect(source).toContain(`export const FIRST_INTERNAL_KIND = ${kinds.indexOf("directory")};\n`);
  expect(source).toContain(`export const EFFECT_CLOSE_ROOM = ${effectKinds.indexOf("closeRoom")};\n`);
  for (const line of source.trimEnd().split("\n")) expect(line).toMatch(/^export const \w+ = .+;$/);
});

test("a sandbox works the same where the numbers of the wire are others", async () => {
  using copy = new TemporaryFolder({});
  for (const folder of ["src", "test/script"]) {
    cpSync(join(root, folder), copy.join(folder), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), copy.join("node_modules"));
  for (const [file, from, to] of changes) {
    const path = copy.join(`src/script/${file}`);
    const source = readFileSync(path, "utf8");
    expect(source).toContain(from);
    writeFileSync(path, source.replace(from, to));
  }

  const { wireModule: changed } = await import(copy.join("src/script/host/sandbox/wire_module.ts"));
  expect(changed()).toContain("export const SLICE_MS = 11;\n");
  expect(changed()).toContain("export const STATUS_OK = 2;\n");

  const suites = ["room", "load", "output", "binary", "overrun"].map(
    (name) => `test/script/host/${name}.test.ts`,
  );
  const run = Bun.spawn([process.execPath, "test", "--timeout", "60000", ...suites], {
    cwd: copy.path,
    stderr: "pipe",
  });
  const [status, report] = [await run.exited, await new Response(run.stderr).text()];
  expect(status, report).toBe(0);
  expect(report).toContain(" 0 fail");
}, 60_000);
