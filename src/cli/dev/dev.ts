import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { printable } from "../../core/printable.ts";
import { assistantsWith } from "../../http/mcp/assistants.ts";
import { apiTypes } from "../../source/editor/api_types.ts";
import { clientTypesText } from "../../http/assets.ts";
import { writeStarter } from "../../source/editor/starter.ts";
import { invitationOf } from "../../source/files/invitation.ts";
import { discover } from "../../source/find/discovery.ts";
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

/** Applications whose files are looked into for a line that wants to be edited. */
const MAX_APPLICATIONS = 20;

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

/** Resolves with the places of lines that want to be edited, as `extensions/arena.ts:12`, of the first applications. */
async function invitations(extensions: string): Promise<string[]> {
  const places: string[] = [];
  const root = await realpath(extensions);
  for (const { name } of (await discover(extensions)).slice(0, MAX_APPLICATIONS)) {
    const found = await invitationOf({ folder: extensions, name });
    if (found)
      places.push(
        printable(
          `${relative(process.cwd(), join(extensions, relative(root, found.absolute)))}:${found.line}`,
        ),
      );
  }
  return places;
}
