/** How a browser is led to an address that has a secret in it. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder, until } from "../../e2e/harness.ts";

const address = "http://127.0.0.1:8080/?secret=nobody-else&a=1";
const program = join(import.meta.dir, "../../../src/cli/dev/open_browser.ts");

test("no argument of a process has the secret: a file leads there that others can't read, and it goes", async () => {
  const folder = makeFolder();
  const told = join(folder, "told");
  await Bun.write(join(folder, "xdg-open"), `#!/bin/sh\necho "$@" > ${told}.new && mv ${told}.new ${told}\n`);
  Bun.spawnSync(["chmod", "+x", join(folder, "xdg-open")]);
  const lines = `import { openBrowser } from ${JSON.stringify(program)};
    openBrowser(${JSON.stringify(address)}); await new Response(Bun.stdin.stream()).text(); process.exit(0);`;
  const child = Bun.spawn([process.execPath, "-e", lines], {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder },
    stdin: "pipe",
  });
  await until("the opener", () => existsSync(told));
  const path = readFileSync(told, "utf8").trim();
  expect(path).not.toContain("nobody-else");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(readFileSync(path, "utf8")).toContain(
    'content="0; url=http://127.0.0.1:8080/?secret=nobody-else&amp;a=1"',
  );
  child.stdin.end();
  expect(await child.exited).toBe(0);
  expect(existsSync(dirname(path))).toBe(false);
});
