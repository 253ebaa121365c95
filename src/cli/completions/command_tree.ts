import type { Argument, Command, Option } from "commander";

/** What can stand in a place of the command line: a file, a folder, one of some words, or something that nobody can guess. */
export type Value = "file" | "folder" | "text" | { readonly words: readonly string[] };

/** A flag of a command. */
export interface Flag {
  /** Each way to write it: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What follows it, where something does. */
  readonly value?: Value;
}

/** A command of a program, the program itself among them. */
export interface CommandNode {
  /** Its own name after those of its parents: `/data/list`; the program's is empty. */
  readonly path: string;
  readonly flags: readonly Flag[];
  /** What its arguments are, in order. */
  readonly values: readonly Value[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
}

/** Returns the commands of a program, parents first; flags of the command that `standard` names need no command before them. */
export function commandTree(program: Command, standard: string): CommandNode[] {
  const nodes: CommandNode[] = [];
  const add = (command: Command, path: string) => {
    const own = command.commands.find((each) => path === "" && each.name() === standard);
    const options = [...command.options, ...(own?.options ?? [])];
    nodes.push({
      path,
      flags: [...options.map(flagOf), { names: ["--help", "-h"], description: "show the help" }],
      values: command.registeredArguments.map(argumentValue),
      commands: command.commands.map((each) => ({ name: each.name(), description: each.description() })),
    });
    for (const each of command.commands) add(each, `${path}/${each.name()}`);
  };
  add(program, "");
  return nodes;
}

function flagOf({ long, short, description, flags, argChoices }: Option): Flag {
  const names = [long, short].flatMap((name) => name ?? []);
  // Defaults and variables are for the help, where there is room.
  const text = description.replace(/ \(default: .*/, "");
  const placeholder = flags.match(/[<[](.+)[>\]]$/)?.[1];
  if (placeholder === undefined) return { names, description: text };
  return {
    names,
    description: text,
    value: argChoices ? { words: argChoices } : placeholderValue(placeholder),
  };
}

function argumentValue(argument: Argument): Value {
  return argument.argChoices ? { words: argument.argChoices } : placeholderValue(argument.name());
}

/** Returns what a placeholder of the help stands for: `file`, `folder|none`, `true|false`. */
function placeholderValue(placeholder: string): Value {
  const [first = ""] = placeholder.split("|");
  if (first === "folder") return "folder";
  if (first === "file" || first === "path") return "file";
  return placeholder.includes("|") ? { words: placeholder.split("|") } : "text";
}
