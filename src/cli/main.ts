import { Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { messageOf } from "../core/errors.ts";
import { printableLines } from "../core/printable.ts";
import { addAdminCommands } from "./admin/admin_command.ts";
import { type AdminAddress, certificateIn } from "./admin/admin_address.ts";
import { bundle, type BundleOptions } from "./bundle/bundle.ts";
import { unbundle } from "./bundle/unbundle.ts";
import { check } from "./check.ts";
import { addCompletionsCommand } from "./completions/completions_command.ts";
import { ConfigError, type ConfigInput, flagOf, readConfig, variableOf } from "./config.ts";
import { DEFAULT_FILE } from "./config_file.ts";
import { addDataCommand } from "./data/data_command.ts";
import type { DevOptions } from "./dev/dev.ts";
import { grow } from "./make/grow.ts";
import { init } from "./make/init.ts";
import { urlOf } from "../platform/address/address.ts";
import { serve } from "./serve.ts";
import { nearest } from "../source/read/nearest.ts";
import { test } from "./test/test_command.ts";
import { defaultOf, type SettingKey, serverSettings, settingKeys } from "./server_settings.ts";

/** The commit and its date, which the compiler puts in; there is none where the sources run. */
declare const HOTROOM_COMMIT: string | undefined;

/** Exit status where nothing was tried, since what was asked for is no command, flag or setting; what was tried and failed is 1. */
const MISUSED = 2;
/** What other programs call a command of this one. */
const otherNames = new Map([
  ["start", "serve"],
  ["run", "serve"],
]);

/** Runs the command line; resolves with the exit status. Called by mod.ts. */
export async function main(args: string[]): Promise<number> {
  let status = 0;
  const program = new Command("hotroom")
    .description(packageJson.description)
    .version(versionText(), "-v, --version")
    .exitOverride()
    .showHelpAfterError("(hotroom --help shows the commands)");

  const serving = program.command("serve", { isDefault: true }).description("serve the extensions folder");
  for (const key of settingKeys) serving.addOption(option(key));
  serving.addOption(configOption()).action(async (flags: Flags) => {
    status = await serve(settings(flags));
  });
  const developing = program.command("dev").description("serve, with the console opened, for who edits");
  for (const key of settingKeys) if (key !== "dev") developing.addOption(option(key));
  developing
    .option("--edit", "whether assistants may act and edit at /mcp; without it they look")
    .option("--no-open", "open no browser")
    .addOption(configOption())
    .action(async ({ edit, open, ...flags }: Flags & DevOptions) => {
      const { dev } = await import("./dev/dev.ts");
      status = await dev(settings(flags), { edit, open });
    });
  program
    .command("check")
    .description("load every application as the server would; print what is wrong and exit with 1")
    .argument("[application]", "without it, all applications")
    .addOption(option("extensions"))
    .addOption(configOption())
    .action(async (application: string | undefined, flags: Flags) => {
      status = await check(settings(flags), application);
    });
  program
    .command("test")
    .description(
      "run the tests beside the scripts (*.test.ts); exits with 1 where one fails, with 2 where there is none",
    )
    .argument("[application]", "without it, of all applications")
    .option("--filter <text>", "run those whose name, or file, has this text")
    .option("--json", "print one line of JSON for each test")
    .addOption(option("extensions"))
    .addOption(configOption())
    .action(async (application: string | undefined, { filter, json, ...flags }: Flags & TestFlags) => {
      status = await test(settings(flags), { application, filter, json });
    });
  program
    .command("init")
    .description("make an extensions folder with types for editors and a first application")
    .argument("[folder]", "the folder", "./extensions")
    .action(async (folder: string) => {
      status = await init(folder);
    });
  program
    .command("grow")
    .description("make a folder of an application in one file, with its pages; its rooms go on")
    .argument("<application>")
    .addOption(option("extensions"))
    .addOption(configOption())
    .action(async (application: string, flags: Flags) => {
      status = await grow(settings(flags), application);
    });

  /** Runs a task, often against a running server; what it throws, or false, makes the exit status 1. */
  const ask = async (task: () => Promise<unknown>) => {
    try {
      status = (await task()) === false ? 1 : 0;
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      console.error(printableLines(messageOf(error)));
      status = 1;
    }
  };
  program
    .command("bundle")
    .description(
      "write one executable with the applications inside; those of a folder beside it take their place",
    )
    .argument("[folder]", "the folder of the applications; without it what the settings say")
    .requiredOption("-o, --output <file>", "the executable to write")
    .option(
      "--executable <file>",
      "hotroom's own, maybe that for another system; without it the one that runs",
    )
    .addOption(option("extensions"))
    .addOption(configOption())
    .action((folder: string | undefined, { output, executable, ...flags }: Flags & BundleOptions) =>
      ask(async () => {
        status = await bundle(settings(folder === undefined ? flags : { ...flags, extensions: folder }), {
          output,
          executable,
        });
        return status === 0;
      }),
    );
  program
    .command("unbundle")
    .description("write the applications inside this executable into a folder, to be edited there")
    .argument("[folder]", "the folder", "./extensions")
    .option("--executable <file>", "another executable that carries some")
    .action((folder: string, { executable }: { executable?: string }) =>
      ask(() => unbundle(folder, executable)),
    );
  addDataCommand<Flags>(program, {
    withFolder: (command) => command.addOption(option("data")).addOption(configOption()),
    folderOf: (flags) => settings(flags).data,
    run: ask,
  });
  addAdminCommands<AddressFlags>(program, { withAddress, addressOf, run: ask });
  addCompletionsCommand(program, "serve");

  try {
    const [name = ""] = args;
    // Without this it would be told as too many arguments of `serve`, the default.
    if (/^\w/.test(name) && name !== "help" && !program.commands.some((command) => command.name() === name))
      program.error(`error: there is no command '${name}'${meant(name, program)}`);
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return MISUSED;
  }
}

/** Returns which command a word was meant to be, as the parser says it of an option; empty where none is near. */
function meant(word: string, { commands }: Command): string {
  const names = [...otherNames.keys(), ...commands.map((command) => command.name())];
  const name = otherNames.get(word) ?? nearest(word, names);
  return name === undefined ? "" : `\n(Did you mean ${otherNames.get(name) ?? name}?)`;
}

type Flags = ConfigInput & { config?: string };
type TestFlags = { filter?: string; json?: boolean };
type AddressFlags = Flags & { url?: string };

/** Returns where the server is: at `--url`, otherwise where its own settings say. */
function addressOf({ url, config, tlsCert: shown, ...flags }: AddressFlags): AdminAddress {
  if (url !== undefined && !/^(https?:\/\/|unix:)./.test(url))
    throw new ConfigError(`Cannot use --url: ${url} does not begin with https://, http:// or unix:.`);
  // Commands have flags of their own besides.
  const known = Object.entries(flags).filter(([key]) => settingKeys.includes(key as SettingKey));
  const { adminToken: token, ...own } = readConfig(Object.fromEntries(known), process.env, config);
  const host = own.host === "0.0.0.0" ? "127.0.0.1" : own.host === "::" ? "::1" : own.host;
  // Who names a port means one, whatever the settings say.
  const isPort = flags.unix === undefined && (flags.port ?? flags.host) !== undefined;
  const unix = isPort ? undefined : own.unix;
  // To a server that the settings are not of, their certificate says nothing.
  const file = `${shown ?? (url === undefined ? (own.tlsCert ?? "") : "")}`;
  const place = { ...own, host, unix, tlsCert: file || undefined };
  const address = (url ?? urlOf(place)).replace(/\/+$/, "");
  if (shown !== undefined && !address.startsWith("https:"))
    throw new ConfigError(`Cannot use --tls-cert: there is no TLS at ${address}.`);
  const certificate = file !== "" && address.startsWith("https:") ? certificateIn(file) : undefined;
  return {
    url: address,
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
  };
}

function withAddress(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--url <address>",
        "address of the server (https://…, unix:<path>), in place of what the settings say",
      ),
    )
    .addOption(option("port", "TCP port of the server"))
    .addOption(option("host", "its address"))
    .addOption(option("unix", "its unix socket, in the place of both"))
    .addOption(option("tlsCert", "file of the certificate that it shows, or of its authority: it speaks TLS"))
    .addOption(option("adminToken", "what its admin API asks for"))
    .addOption(configOption());
}

function settings({ config, ...flags }: Flags) {
  return readConfig(flags, process.env, config);
}

/**
 * The option of a setting. The parser only tells its default, and `readConfig` sets it: a default given to the parser would
 * hide the environment and the file.
 */
function option(key: SettingKey, text: string = serverSettings[key].text): Option {
  const help = `${text} (default: ${defaultOf(key)}; ${variableOf(key)})`;
  const made = new Option(`${flagOf(key)} ${serverSettings[key].value}`, help);
  // To the parser all that begins with `--no-` takes another flag back; here it is a part of the name.
  made.negate = false;
  return made;
}

function configOption(): Option {
  return new Option("--config <file>", `settings file (default: ${DEFAULT_FILE})`);
}

/** Returns the version, of an executable with commit and date: `0.1.0 (1a2b3c4, 2026-11-29)`. */
function versionText(): string {
  const commit = typeof HOTROOM_COMMIT === "undefined" ? "" : HOTROOM_COMMIT;
  return commit ? `${packageJson.version} (${commit})` : packageJson.version;
}
