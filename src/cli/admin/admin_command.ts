import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { flagOf } from "../config.ts";
import type { AdminAddress } from "./admin_address.ts";
import { health } from "./ask.ts";
import * as operations from "./operations.ts";
import { rehearse, reloadPolicy, rollback, versions } from "./versions.ts";

/** What the command line gives to the commands that ask a running server. */
export interface AdminCommandDeps<Flags> {
  /** Adds the options that say where the server is. */
  readonly withAddress: (command: Command) => Command;
  readonly addressOf: (flags: Flags) => AdminAddress;
  /** Runs a task; what it throws, or false, makes the exit status 1. */
  readonly run: (task: () => Promise<unknown>) => Promise<void>;
}

/** Adds the commands that ask a running server to a program. */
export function addAdminCommands<Flags extends object>(
  program: Command,
  { withAddress, addressOf, run }: AdminCommandDeps<Flags>,
): void {
  const command = (name: string, text: string) =>
    withAddress(program.command(name).description(`${text} (asks a running server)`));
  const ofApplication = (name: string, text: string) => command(name, text).argument("<application>");

  command("health", "exit with 0 where the server is ready, else with 1").action((flags: Flags) =>
    run(() => health(addressOf(flags))),
  );
  command("versions", "print the versions that are kept, and which rooms run them")
    .argument("[application]", "without it, of all applications")
    .action((application: string | undefined, flags: Flags) =>
      run(() => versions(addressOf(flags), application)),
    );
  ofApplication("reload-policy", "set what live rooms do at an edit, until hotroom.json says something else")
    .addArgument(new Argument("<policy>").choices(["swap", "pin"]))
    .action((application: string, policy: string, flags: Flags) =>
      run(() => reloadPolicy(addressOf(flags), application, policy)),
    );
  ofApplication("rollback", "go back to a kept version")
    .argument("[version]", "v3, v3·81c2aa or a content hash; without it the one that was live before")
    .action((application: string, version: string | undefined, flags: Flags) =>
      run(() => rollback(addressOf(flags), application, version)),
    );
  ofApplication("rehearse", "try a version on copies of the live rooms; exits with 1 where it gives errors")
    .argument("[version]", "a kept version; without it the newest edit")
    .action((application: string, version: string | undefined, flags: Flags) =>
      run(() => rehearse(addressOf(flags), application, version)),
    );

  command("applications", "print the applications, and what is wrong with their newest edits").action(
    (flags: Flags) => run(() => operations.applications(addressOf(flags))),
  );
  ofApplication("rooms", "print the rooms of an application")
    .option("--type <type>", "only those of this type")
    .option("--open", "only those that clients can join")
    .option("--prefix <text>", "only those whose names begin so")
    .action((application: string, flags: Flags & { type?: string; open?: true; prefix?: string }) => {
      const { type, open, prefix } = flags;
      const filter = { ...(type && { type }), ...(open && { open: "true" }), ...(prefix && { prefix }) };
      return run(() => operations.rooms(addressOf(flags), application, filter));
    });
  withRoomOptions(ofApplication("create-room", "make a room").argument("<room>"))
    .option("--type <type>", "may be left out where the application has one type")
    .option("--keep", "keep it when it is empty")
    .action(
      (application: string, room: string, flags: Flags & SettingFlags & { type?: string; keep?: true }) => {
        const { type, keep } = flags;
        const made = { ...settingsOf(flags), ...(type && { type }), ...(keep && { keep }) };
        return run(() => operations.createRoom(addressOf(flags), application, room, made));
      },
    );
  withRoomOptions(ofApplication("set-room", "set a room otherwise").argument("<room>")).action(
    (application: string, room: string, flags: Flags & SettingFlags, command: Command) => {
      const set = settingsOf(flags);
      if (Object.keys(set).length === 0)
        command.error(`error: nothing to set: give one of ${settingFlags.map(flagOf).join(", ")}`);
      return run(() => operations.setRoom(addressOf(flags), application, room, set));
    },
  );
  ofApplication("close-room", "close a room; exits with 1 where that takes longer")
    .argument("<room>")
    .action((application: string, room: string, flags: Flags) =>
      run(() => operations.closeRoom(addressOf(flags), application, room)),
    );
  ofApplication("state", "print the state of a script as JSON")
    .argument("[room]", "without it, of the application's own script")
    .action((application: string, room: string | undefined, flags: Flags) =>
      run(() => operations.state(addressOf(flags), application, room)),
    );
  const ofScript = (name: string, text: string, act: typeof operations.call) =>
    ofApplication(name, text)
      .argument("<type>")
      .argument("[data]", "JSON", jsonOf)
      .option("--room <room>", "without it, of the application's own script")
      .action((application: string, type: string, data: unknown, flags: Flags & { room?: string }) =>
        run(() => act(addressOf(flags), application, { type, data }, flags.room)),
      );
  ofScript("call", "have a handler of emits answer, and print what it returns", operations.call);
  ofScript("emit", "make an event for a handler of emits", operations.emit);
  ofApplication("users", "print who is logged in").action((application: string, flags: Flags) =>
    run(() => operations.users(addressOf(flags), application)),
  );
  ofApplication("sessions", "print who may come back, and until when").action(
    (application: string, flags: Flags) => run(() => operations.sessions(addressOf(flags), application)),
  );
  ofApplication("send", "send a message to a user")
    .argument("<user>", "id or name")
    .argument("<type>")
    .argument("[data]", "JSON", jsonOf)
    .action((application: string, user: string, type: string, data: unknown, flags: Flags) =>
      run(() => operations.send(addressOf(flags), application, user, { type, data })),
    );
  ofApplication("kick", "put a user out")
    .argument("<user>", "id or name")
    .argument("[reason]", "what the user is told")
    .action((application: string, user: string, reason: string | undefined, flags: Flags) =>
      run(() => operations.kick(addressOf(flags), application, user, reason)),
    );
  ofApplication("move", "move a user to another room")
    .argument("<user>", "id or name")
    .argument("<room>")
    .option("--from <room>", "the room that it leaves, where it is in several")
    .action((application: string, user: string, room: string, flags: Flags & { from?: string }) =>
      run(() =>
        operations.move(addressOf(flags), application, user, {
          room,
          ...(flags.from && { from: flags.from }),
        }),
      ),
    );
}

/** What a flag says; the parser takes null for a flag without a value. */
interface Said<T> {
  readonly value: T;
}

interface SettingFlags {
  readonly maxUsers?: Said<number | null>;
  readonly locked?: Said<boolean>;
  readonly hidden?: Said<boolean>;
  readonly password?: Said<string | null>;
  readonly meta?: Said<unknown>;
}

function withRoomOptions(command: Command): Command {
  const add = (flag: string, text: string, read: (text: string) => unknown) =>
    command.addOption(new Option(flag, text).argParser((said) => ({ value: read(said) })));
  add("--max-users <count>", "most members; none for no limit", (text) =>
    text === "none" ? null : countOf(text),
  );
  add("--locked <true|false>", "whether clients can't join", truthOf);
  add("--hidden <true|false>", "whether it is neither listed nor announced", truthOf);
  add("--password <text>", "none takes it away", (text) => (text === "none" ? null : text));
  return add("--meta <json>", "what lists tell of it; null for nothing", jsonOf);
}

const settingFlags = ["maxUsers", "locked", "hidden", "password", "meta"] as const;

/** Returns what a room is to be set to. */
function settingsOf(flags: SettingFlags): object {
  return Object.fromEntries(settingFlags.flatMap((key) => (flags[key] ? [[key, flags[key].value]] : [])));
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of at least 1, or none.");
}

function truthOf(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidArgumentError("It must be true or false.");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("It is no JSON.");
  }
}
