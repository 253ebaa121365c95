import type { Command } from "commander";
import type { Place } from "../../core/ports/journal_store.ts";

/** What the command line gives to the commands of the data folder. */
export interface DataCommandDeps<Flags> {
  /** Adds the options that say where the folder is. */
  readonly withFolder: (command: Command) => Command;
  /** Returns the folder. */
  readonly folderOf: (flags: Flags) => string;
  /** Runs a task; what it throws, or false, makes the exit status 1. */
  readonly run: (task: () => Promise<unknown>) => Promise<void>;
}

/** Adds `data` and its commands to a program. SQLite is loaded by those that run. */
export function addDataCommand<Flags>(
  program: Command,
  { withFolder, folderOf, run }: DataCommandDeps<Flags>,
): void {
  const data = program
    .command("data")
    .description("look after the folder in which durable applications are kept");
  const command = (name: string, text: string) => withFolder(data.command(name).description(text));
  const commands = () => import("./data_commands.ts");
  command("list", "print what is kept; the server may run")
    .argument("[application]", "without it, of all applications")
    .action((application: string | undefined, flags: Flags) =>
      run(async () => (await commands()).listData(folderOf(flags), application)),
    );
  command("export", "write what is kept to standard output, as lines of JSON; the server may run")
    .argument("[application]", "without it, all applications")
    .argument("[room]", "only this room of it")
    .action((application: string | undefined, room: string | undefined, flags: Flags) =>
      run(async () =>
        (await commands()).exportData(
          folderOf(flags),
          application === undefined ? {} : placeOf(application, room),
        ),
      ),
    );
  command(
    "import",
    "take an export in; its applications, or its room, are then what it says; the server must not run",
  )
    .argument("<file>")
    .action((file: string, flags: Flags) =>
      run(async () => (await commands()).importData(folderOf(flags), file)),
    );
  command("delete", "forget an application with its rooms, or one room; the server must not run")
    .argument("<application>")
    .argument("[room]")
    .action((application: string, room: string | undefined, flags: Flags) =>
      run(async () => (await commands()).deleteData(folderOf(flags), placeOf(application, room))),
    );
  command("compact", "make the folder as small as it can be; the server must not run").action(
    (flags: Flags) => run(async () => (await commands()).compactData(folderOf(flags))),
  );
  command("backup", "copy what is kept into a new file; the server may run")
    .argument("<file>")
    .action((file: string, flags: Flags) =>
      run(async () => (await commands()).backupData(folderOf(flags), file)),
    );
}

/** Returns the place that is named by two arguments, or by one as `list` prints it: no application has a slash in its name. */
function placeOf(application: string, room: string | undefined): Place {
  if (room !== undefined) return { application, room };
  const at = application.indexOf("/");
  return at < 0
    ? { application }
    : { application: application.slice(0, at), room: application.slice(at + 1) };
}
