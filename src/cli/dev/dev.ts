import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { assistantsWith } from "../../http/mcp/assistants.ts";
import { apiTypes } from "../../source/editor/api_types.ts";
import { clientTypesText } from "../../http/assets.ts";
import { writeStarter } from "../../source/editor/starter.ts";
import { isHidden, isScript } from "../../source/read/discovery.ts";
import type { Config } from "../config.ts";
import { writeExamples } from "../make/examples.ts";
import { serve, type Started } from "../serve.ts";
import { openBrowser } from "./open_browser.ts";
import { prettyLines } from "./pretty_line.ts";

/** How a server in development is run. */
export interface DevOptions {
  /** Whether assistants may act and edit; without it they look. */
  readonly edit?: boolean | undefined;
  /** Whether the console is opened in a browser. */
  readonly open?: boolean | undefined;
}

/** What the line begins with that an example wants to be edited first. */
const INVITATION = "// Edit this line and watch";
/** Files that are looked into for it, and entries of folders that are gone through to find them. */
const MAX_FILES = 200;
const MAX_ENTRIES = 5_000;

/**
 * Serves for who edits: with the examples where there is no folder yet, the console opened, a log to read, and assistants let in.
 * Resolves and ends as `serve`.
 */
export async function dev(config: Config, { edit = false, open = true }: DevOptions): Promise<number> {
  const { extensions } = config;
  const made = existsSync(extensions) ? [] : await writeExamples(extensions);
  await writeStarter(extensions, clientTypesText);
  if (made.length > 0) console.log(`Made ${extensions} with the examples.`);
  const isTerminal = process.stdout.isTTY === true;
  const types = Object.values(apiTypes).join("\n");
  return serve(
    { ...config, dev: true },
    {
      line:
        config.logFormat === "json"
          ? undefined
          : prettyLines(extensions, isTerminal && !process.env.NO_COLOR),
      assistants: assistantsWith({ mayEdit: edit, types }),
      started: async (started) => {
        // Of what can't be read whoever watches the folder tells: that is no reason not to say the rest.
        const places = await invitations(extensions).catch(() => []);
        console.log(greeting(started, places, edit));
        if (open && isTerminal && started.consoleUrl) openBrowser(started.consoleUrl);
      },
    },
  );
}

/** Says where to look, and what to do first. */
function greeting({ url, consoleUrl, pages }: Started, places: readonly string[], mayEdit: boolean): string {
  const row = (name: string, text: string) => `  ${name.padEnd(12)}${text}`;
  return [
    "",
    ...(consoleUrl ? [row("console", consoleUrl)] : []),
    ...pages.map((path, at) => row(at === 0 ? "play" : "", `${url}${path}`)),
    ...places.map((path, at) => row(at === 0 ? "edit" : "", path)),
    ...(places.length > 0 ? [row("", "change the line, save, and watch: nobody is disconnected")] : []),
    row(
      "assistants",
      `${url}/mcp (${mayEdit ? "they may edit" : "they look; --edit lets them edit"}), ${url}/llms.txt`,
    ),
    "",
  ].join("\n");
}

/** Resolves with the places of lines that want to be edited, as `extensions/arena.ts:12`. */
async function invitations(extensions: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of (await scriptsBelow(extensions)).slice(0, MAX_FILES)) {
    const lines = (await readFile(path, "utf8")).split("\n");
    const at = lines.findIndex((line) => line.includes(INVITATION));
    if (at >= 0) found.push(`${relative(process.cwd(), path)}:${at + 2}`);
  }
  return found;
}

/** Resolves with the scripts in a folder and those in it, pages' too; neither packages nor what is hidden is looked into. */
async function scriptsBelow(folder: string): Promise<string[]> {
  const scripts: string[] = [];
  const folders = [folder];
  let entries = 0;
  for (const each of folders) {
    for (const entry of await readdir(each, { withFileTypes: true })) {
      if (isHidden(entry.name)) continue;
      if (++entries > MAX_ENTRIES) return scripts.sort();
      const path = join(each, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && isScript(entry.name)) scripts.push(path);
    }
  }
  return scripts.sort();
}
