import { existsSync } from "node:fs";
import { BuildError, messageOf } from "../core/errors.ts";
import { formatPosition } from "../core/source_position.ts";
import type { Build } from "../core/ports/build.ts";
import { printableLines } from "../core/printable.ts";
import { Stripper } from "../source/compile/stripper.ts";
import { ExtensionsWatcher } from "../source/watch/extensions_watcher.ts";
import type { BuildWarning } from "../source/compile/builder.ts";
import { ScriptHosts } from "../script/server/script_hosts.ts";
import { tethered } from "../process/parent_tether.ts";
import type { Config } from "./config.ts";

/**
 * Loads every application as the server would and prints what is wrong, with `file:line:column`. Resolves with the exit status:
 * 1 where something is wrong, 0 otherwise; warnings do not count.
 */
export async function check({ extensions, ceilings }: Config): Promise<number> {
  if (!existsSync(extensions)) {
    console.error(`Cannot check ${extensions}: there is no such folder ("hotroom init" makes one).`);
    return 1;
  }
  const complain = (text: string) => console.error(printableLines(text));
  const watcher = new ExtensionsWatcher({
    folder: extensions,
    ceilings,
    stripper: new Stripper({ tether: tethered }),
    watch: false,
    log: (_, text) => complain(text),
  });
  const scripts = new ScriptHosts({ hosts: 1, log: () => {} });
  let failures = 0;
  try {
    for (const change of await watcher.scan()) {
      if (change.kind === "removed") continue;
      const error = change.kind === "broken" ? change.error : await load(scripts, change.build);
      if (error) {
        failures++;
        complain(`${change.application}: ${error.toString()}`);
      } else if (change.kind !== "broken") {
        report(change.build, change.warnings);
      }
    }
  } finally {
    watcher.close();
    await scripts.stop();
  }
  return failures === 0 ? 0 : 1;
}

async function load(scripts: ScriptHosts, build: Build): Promise<BuildError | undefined> {
  try {
    scripts.unload(await scripts.load(build));
    return undefined;
  } catch (error) {
    return error instanceof BuildError ? error : new BuildError(messageOf(error));
  }
}

function report(build: Build, warnings: readonly BuildWarning[]): void {
  const parts = [
    ...(build.extension ? ["app"] : []),
    ...[...build.rooms.keys()].map((type) => `room ${type}`),
  ];
  console.log(`${build.application}: ok (${parts.join(", ")})`);
  for (const { message, position } of warnings) {
    console.log(printableLines(`${build.application}: warning: ${formatPosition(position)}: ${message}`));
  }
}
