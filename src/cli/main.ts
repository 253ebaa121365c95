import { Argument, Command, CommanderError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { type AdminAddress, rehearse, reloadPolicy, rollback, versions } from "./admin.ts";
import { check } from "./check.ts";
import { type ConfigInput, ConfigError, readConfig, variableOf } from "./config.ts";
import { init } from "./init.ts";
import { serve } from "./serve.ts";

/** Runs the command line; resolves with the exit status. Called by mod.ts. */
export async function main(args: string[]): Promise<number> {
  let status = 0;
  const program = new Command("hotroom")
    .description(packageJson.description)
    .version(packageJson.version, "-v, --version")
    .exitOverride()
    .showHelpAfterError("(hotroom --help shows the commands)");

  withServerOptions(
    program.command("serve", { isDefault: true }).description("serve the extensions folder"),
  ).action(async (flags: Flags) => {
    status = await serve(settings(flags));
  });
  program
    .command("check")
    .description("load every application as the server would; print what is wrong and exit with 1")
    .addOption(option("extensions", "<folder>", "the folder of the applications", "./extensions"))
    .addOption(new Option("--config <file>", "settings file (default: hotroom.config.json)"))
    .action(async (flags: Flags) => {
      status = await check(settings(flags));
    });
  program
    .command("init")
    .description("make an extensions folder with types for editors and a first application")
    .argument("[folder]", "the folder", "./extensions")
    .action(async (folder: string) => {
      status = await init(folder);
    });

  const asks = (name: string, text: string) =>
    withAddress(program.command(name).description(`${text} (asks a running server)`));
  const told = async (task: () => Promise<unknown>) => {
    try {
      status = (await task()) === false ? 1 : 0;
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      console.error(error instanceof Error ? error.message : String(error));
      status = 1;
    }
  };
  asks("versions", "print the versions that are kept, and which rooms run them")
    .argument("[application]", "without it, of all applications")
    .action((application: string | undefined, flags: AddressFlags) =>
      told(() => versions(addressOf(flags), application)),
    );
  asks("reload-policy", "set what live rooms do at an edit, until hotroom.json says something else")
    .argument("<application>")
    .addArgument(new Argument("<policy>").choices(["swap", "pin"]))
    .action((application: string, policy: string, flags: AddressFlags) =>
      told(() => reloadPolicy(addressOf(flags), application, policy)),
    );
  asks("rollback", "go back to a kept version")
    .argument("<application>")
    .argument("[version]", "v3, v3·81c2aa or a content hash; without it the one that was live before")
    .action((application: string, version: string | undefined, flags: AddressFlags) =>
      told(() => rollback(addressOf(flags), application, version)),
    );
  asks("rehearse", "try a version on copies of the live rooms; exits with 1 where it gives errors")
    .argument("<application>")
    .argument("[version]", "a kept version; without it the newest edit")
    .action((application: string, version: string | undefined, flags: AddressFlags) =>
      told(() => rehearse(addressOf(flags), application, version)),
    );

  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return 2;
  }
}

type Flags = ConfigInput & { config?: string };
type AddressFlags = Flags & { url?: string };

/** Where the server is, by its own settings unless `--url` says it. */
function addressOf({ url, ...flags }: AddressFlags): AdminAddress {
  const { host, port, adminToken: token } = settings(flags);
  const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const address = url ?? `http://${own.includes(":") ? `[${own}]` : own}:${port}`;
  return { url: address.replace(/\/+$/, ""), ...(token !== undefined && { token }) };
}

function withAddress(command: Command): Command {
  return command
    .addOption(new Option("--url <address>", "address of the server, in place of port and host"))
    .addOption(option("port", "<number>", "TCP port of the server", "8080"))
    .addOption(option("host", "<address>", "its address", "127.0.0.1"))
    .addOption(option("adminToken", "<secret>", "what its admin API asks for", "none"))
    .addOption(new Option("--config <file>", "settings file (default: hotroom.config.json)"));
}

function settings({ config, ...flags }: Flags) {
  return readConfig(flags, process.env, config);
}

function withServerOptions(command: Command): Command {
  return command
    .addOption(option("port", "<number>", "TCP port, 0 for a free one", "8080"))
    .addOption(option("host", "<address>", "address to listen on", "127.0.0.1"))
    .addOption(option("extensions", "<folder>", "the folder of the applications", "./extensions"))
    .addOption(
      option("hosts", "<count>", "script host processes; 0 runs scripts without the wall", "cores - 1"),
    )
    .addOption(
      option(
        "spare",
        "<true|false>",
        "one more script host for builds and in the place of one that dies",
        "true",
      ),
    )
    .addOption(
      option(
        "cache",
        "<folder|none>",
        "where stripped sources are kept for the next start",
        "the user's cache",
      ),
    )
    .addOption(option("inboundRate", "<count>", "frames a second from one connection, 0 for no limit", "50"))
    .addOption(option("inboundBurst", "<count>", "frames at once from one connection", "100"))
    .addOption(option("maxFrame", "<bytes>", "largest frame taken from a client", "65536"))
    .addOption(option("outbox", "<bytes>", "what may wait for a slow client", "1048576"))
    .addOption(option("loginDeadline", "<ms>", "how long a connection may be without a user", "30000"))
    .addOption(option("maxConnections", "<count>", "connections at one time", "what descriptors allow"))
    .addOption(
      option(
        "maxConnectionsPerAddress",
        "<count>",
        "those of one address, 0 for no limit",
        "1000, not for loopback",
      ),
    )
    .addOption(option("adminToken", "<secret>", "what the admin API asks for", "none: loopback only"))
    .addOption(option("logFormat", "<format>", "text or json", "text"))
    .addOption(option("logLevel", "<level>", "debug, info, warn or error", "info"))
    .addOption(new Option("--config <file>", "settings file (default: hotroom.config.json)"));
}

/** Defaults are told here and set in config.ts: a default given to the parser would hide the environment and the file. */
function option(key: string, value: string, text: string, standard: string): Option {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new Option(`--${flag} ${value}`, `${text} (default: ${standard}; ${variableOf(key)})`);
}
