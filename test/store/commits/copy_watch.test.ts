/** A copy that gets nowhere, in processes that block as SQLite does while it copies. */
import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "hotroom-watch-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LONG_MS = 60_000;
const programs = { bun: ["bun", "run"], deno: "deno run -A --quiet --cached-only".split(" ") };
const copier = join(import.meta.dir, "../fixtures/copier.ts");
const copy = join(folder, "copy");

/** Starts who copies, and resolves with what it said, and whether it came to its end. */
async function copied(program: readonly string[], bounds: readonly number[], meanwhile = () => {}) {
  writeFileSync(copy, "some");
  writeFileSync(join(folder, "commits-2"), "");
  const process = Bun.spawn([...program, copier, folder, copy, ...bounds.map(String)], {
    stderr: "pipe",
    stdout: "pipe",
  });
  const timer = setInterval(meanwhile, 5);
  const [said, out] = await Promise.all([
    new Response(process.stderr).text(),
    new Response(process.stdout).text(),
  ]);
  clearInterval(timer);
  await process.exited;
  return { said, isOver: out === "copied\n" };
}

test.each(Object.entries(programs))("is given up when it stalls, and says so (%s)", async (_, program) => {
  const { said, isOver } = await copied(program, [50, 0, 1000, LONG_MS]);
  expect(isOver).toBe(false);
  expect(said).toBe(
    `Cannot copy: nothing was written for 0 s. What there is of it, ${copy}, is no backup.\n`,
  );
});

test.each(Object.entries(programs))(
  "is given up when the server has to keep too much for it (%s)",
  async (_, program) => {
    const { said, isOver } = await copied(program, [LONG_MS, 0, 2 * 1024 * 1024, LONG_MS], () =>
      appendFileSync(join(folder, "commits-2"), new Uint8Array(512 * 1024)),
    );
    expect(isOver).toBe(false);
    expect(said).toMatch(
      /^Cannot copy: it takes too long: meanwhile the server has \d+ MB more that it can't give back\. What there is of it, \S+, is no backup\.\n$/,
    );
  },
);

test("that gets on is left alone", async () => {
  const { said, isOver } = await copied(programs.bun, [LONG_MS, 0, 1_000_000, 500], () =>
    appendFileSync(copy, "more"),
  );
  expect({ said, isOver }).toEqual({ said: "", isOver: true });
});

test("that has much to sync has longer for that", async () => {
  const { said, isOver } = await copied(programs.bun, [50, LONG_MS, 1_000_000, 500]);
  expect({ said, isOver }).toEqual({ said: "", isOver: true });
});
