import { existsSync } from "node:fs";
import { firstStateText } from "../core/edit/first_state_text.ts";
import { unheardHandlers } from "../core/extension/unheard_handlers.ts";
import { BuildError, messageOf } from "../core/errors.ts";
import { formatPosition } from "../core/source_position.ts";
import type { Build, Version } from "../core/ports/build.ts";
import { printableLines } from "../core/printable.ts";
import { Stripper } from "../source/compile/stripper.ts";
import { ApplicationPages } from "../source/pages/application_pages.ts";
import { strayFolders } from "../source/pages/page_folders.ts";
import { PageModules } from "../source/pages/page_modules.ts";
import { BESIDE } from "../source/find/file_names.ts";
import { strayScripts } from "../source/watch/stray_scripts.ts";
import { ExtensionsWatcher } from "../source/watch/extensions_watcher.ts";
import type { BuildWarning } from "../source/compile/builder.ts";
import { unsetVariables } from "../script/server/process/environment.ts";
import { ScriptHosts } from "../script/server/script_hosts.ts";
import { tethered } from "../process/parent_tether.ts";
import type { Config } from "./config.ts";

/**
 * Loads every application as the server would and prints what is wrong, with `file:line:column`. Resolves with the exit status:
 * 1 where something is wrong, 0 otherwise; warnings do not count. With a name only that application is loaded, and told of.
 */
export async function check({ extensions, ceilings }: Config, only?: string): Promise<number> {
  if (!existsSync(extensions)) {
    console.error(`Cannot check ${extensions}: there is no such folder ("hotroom init" makes one).`);
    return 1;
  }
  const complain = (text: string) => console.error(printableLines(text));
  const stripper = new Stripper({ tether: tethered });
  const pages = new ApplicationPages((name) => ({ folder: extensions, name }), new PageModules(stripper));
  const watcher = new ExtensionsWatcher({
    folder: extensions,
    ceilings,
    stripper,
    watch: false,
    log: (_, text) => complain(text),
  });
  const scripts = new ScriptHosts({ hosts: 1, log: () => {} });
  let failures = 0;
  try {
    const changes = await watcher.scan();
    if (only !== undefined && !changes.some(({ application }) => application === only)) {
      const known = changes.map(({ application }) => `"${application}"`).sort();
      complain(`Cannot check: There is no application "${only}", only ${known.join(", ") || "none"}.`);
      failures++;
    }
    for (const change of changes) {
      if (change.kind === "removed" || (only ?? change.application) !== change.application) continue;
      const loaded = change.kind === "broken" ? change.error : await load(scripts, change.build);
      if (loaded instanceof BuildError) {
        failures++;
        complain(`${change.application}: ${loaded.toString()}`);
      } else if (change.kind !== "broken") {
        const scriptAnswers = loaded.extension?.handlers.includes("events.request");
        const wrong = await pages.problems(change.application, scriptAnswers);
        if (wrong?.length) failures++;
        for (const each of wrong ?? []) complain(`${change.application}: ${each.toString()}`);
        report(loaded, change.warnings, wrong);
        for (const { position, message } of await pages.warnings(change.application, scriptAnswers))
          complain(
            `${change.application}: warning: ${position ? `${formatPosition(position)}: ` : ""}${message}`,
          );
      }
    }
    for (const name of only === undefined ? await strayFolders(extensions) : [])
      console.log(printableLines(`warning: ${name}/ is shown to nobody: ${whyStray(name)}`));
    for (const path of only === undefined ? await strayScripts(extensions) : [])
      console.log(
        printableLines(`warning: ${path} is passed over: the name of a script ends with .ts or .js.`),
      );
  } finally {
    watcher.close();
    await scripts.stop();
  }
  return failures === 0 ? 0 : 1;
}

/** Says why a folder is not the pages of an application in one file, as its name has it. */
function whyStray(name: string): string {
  const application = name.slice(0, -BESIDE.length);
  return `there is no ${application}.ts, or ${application}/ has pages of its own.`;
}

/** Resolves with what a build defines, or with what is wrong with it. */
async function load(scripts: ScriptHosts, build: Build): Promise<Version | BuildError> {
  try {
    const version = await scripts.load(build);
    const fault = await scripts.firstStateFault(version);
    scripts.unload(version);
    return fault === undefined ? version : new BuildError(firstStateText(fault));
  } catch (error) {
    return error instanceof BuildError ? error : new BuildError(messageOf(error));
  }
}

/** Prints what of an application can be run; its pages, where it has some, only if nothing is wrong with them. */
function report(version: Version, warnings: readonly BuildWarning[], wrong?: readonly BuildError[]): void {
  const { build } = version;
  const parts = [
    ...(build.extension ? ["app"] : []),
    ...[...build.rooms.keys()].map((type) => `room ${type}`),
    ...(wrong?.length === 0 ? ["pages"] : []),
  ];
  if (parts.length > 0) console.log(`${build.application}: ok (${parts.join(", ")})`);
  for (const name of unsetVariables(build)) {
    console.log(`${build.application}: warning: the setting "env" names ${name}, which is not set.`);
  }
  for (const message of unheardHandlers(version)) console.log(`${build.application}: warning: ${message}`);
  for (const { message, position } of warnings) {
    console.log(printableLines(`${build.application}: warning: ${formatPosition(position)}: ${message}`));
  }
}
