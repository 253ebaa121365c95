/** Compiles one executable for each system into `build/`, and writes their checksums to `build/SHA256SUMS`, as `sha256sum -c` reads it. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const systems = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
];
const sums = systems.map((system) => {
  const name = `hotroom-${system}`;
  const file = system.startsWith("windows") ? `${name}.exe` : name;
  const { status } = spawnSync(
    process.execPath,
    ["run", join(root, ".ci/compile.ts"), `bun-${system}`, name],
    {
      stdio: "inherit",
    },
  );
  if (status !== 0) throw new Error(`Cannot compile for ${system}.`);
  return `${createHash("sha256")
    .update(readFileSync(join(root, "build", file)))
    .digest("hex")}  ${file}\n`;
});
writeFileSync(join(root, "build/SHA256SUMS"), sums.join(""));
