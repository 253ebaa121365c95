import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToHost } from "../../../../src/script/wire/frame_kinds.ts";
import { decodeBaseImages } from "../../../../src/script/host/engine/base_images.ts";
import { baseImages } from "../../../../src/script/host/sandbox/guest.ts";
import { TemporaryFolder } from "../../../source/folder.ts";
import { loadRequest, message, open, Stage } from "../stage.ts";

const warm = join(import.meta.dir, "../../../../src/script/host/warm_up.ts");

/** The file as another process makes it, whose program has this path. */
async function madeBy(program: string, env: Record<string, string> = {}): Promise<Uint8Array> {
  mkdirSync(join(program, ".."), { recursive: true });
  writeFileSync(
    program,
    `import { makeBaseImages } from ${JSON.stringify(warm)}; await Bun.write(Bun.stdout, await makeBaseImages());`,
  );
  const child = Bun.spawn([process.execPath, "run", program], {
    env: { ...process.env, ...env },
    stderr: "inherit",
  });
  return new Uint8Array(await new Response(child.stdout).arrayBuffer());
}

const headOf = (file: Uint8Array) => Buffer.from(file.subarray(0, file.indexOf(10))).toString();

let made: Uint8Array;
beforeAll(async () => {
  using folder = new TemporaryFolder();
  made = await madeBy(folder.join("make.ts"));
});

async function answerOf(valibot: boolean): Promise<unknown> {
  const stage = new Stage();
  const schema = valibot
    ? "{ schema: v.number(), handle: (room, user, n) => n + 1 }"
    : "(room, user, n) => n + 1";
  const source = `import { defineRoom } from "hotroom"; ${valibot ? 'import * as v from "valibot";' : ""}
    export default defineRoom({ messages: { add: ${schema} } });`;
  await stage.load(loadRequest({ "rooms/m.ts": source }));
  await stage.frame(ToHost.sandbox, 1, JSON.stringify({ version: 1 }));
  return (await stage.playIn(1, open({}, 1), { ...message("add", 4), script: 1 })).at(-1)?.value;
}

test("processes make the same copies, wherever their program lies and whatever their environment", async () => {
  using folder = new TemporaryFolder();
  const path = folder.join(
    "a/much/longer/path/than/that/of/the/other/one/so/that/its/length/would/show/make.ts",
  );
  const other = await madeBy(path, { LANG: "de_AT.UTF-8", TZ: "Asia/Tokyo", MORE: "x".repeat(5000) });
  expect(headOf(other)).toBe(headOf(made));
});

test.each([false, true])("sandboxes run on the copies of another process (valibot: %p)", async (valibot) => {
  baseImages.clear();
  const embedded = decodeBaseImages(made);
  for (const [key, snapshot] of embedded) baseImages.set(key, snapshot);
  expect(await answerOf(valibot)).toBe(5);
  expect(baseImages.get(valibot)).toBe(embedded.get(valibot));
});

test.each([false, true])(
  "copies of engines that were made otherwise are not used (valibot: %p)",
  async (valibot) => {
    baseImages.clear();
    const unlike = decodeBaseImages(made);
    for (const [key, snapshot] of unlike)
      baseImages.set(key, { ...snapshot, context: snapshot.context + 16 });
    expect(await answerOf(valibot)).toBe(5);
    expect(baseImages.get(valibot)?.context).toBe(unlike.get(valibot)?.context);
  },
);
