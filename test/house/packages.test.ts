/** Packages are pinned. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

test("dependencies are pinned exactly, and both lock files know them", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bunLock = readFileSync(join(root, "bun.lock"), "utf8");
  const denoLock = JSON.parse(readFileSync(join(root, "deno.lock"), "utf8"));
  for (const [name, version] of Object.entries<string>({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(bunLock).toContain(`"${name}@${version}"`);
    // Behind an underscore Deno writes what a peer dependency was resolved to.
    expect(denoLock.specifiers[`npm:${name}@${version}`]?.split("_")[0]).toBe(version);
  }
});

test("each dependency has a line that says why it is one", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const page = readFileSync(join(root, "docs/decisions/0002-dependencies.md"), "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("| `"));
  const named = lines.flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});
