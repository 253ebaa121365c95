import type { CommandNode, Value } from "./command_tree.ts";

/** A case of a shell's `case` or `switch`: the texts that it is for, and what is to be there. */
export interface Case {
  readonly keys: readonly string[];
  readonly text: string;
}

/** Returns the keys `<path> <command>` of all commands: after which words of a line one is in another command. */
export function commandKeys(tree: readonly CommandNode[]): string[] {
  return tree.flatMap(({ path, commands }) => commands.map(({ name }) => `${path} ${name}`));
}

/** Returns what follows which flag, by keys `<path> <flag>`; like values stand together. */
export function flagValues(tree: readonly CommandNode[]): Case[] {
  const found = tree.flatMap(({ path, flags }) =>
    flags.flatMap(({ names, value }) =>
      value === undefined ? [] : names.map((name) => [`${path} ${name}`, valueText(value)] as const),
    ),
  );
  return grouped(found);
}

/** Returns what the arguments of commands are, by keys `<path> <position>`; a command is the first of its parent's. */
export function argumentValues(tree: readonly CommandNode[]): Case[] {
  const found = tree.flatMap(({ path, values }) =>
    values.map((value, position) => [`${path} ${position}`, valueText(value)] as const),
  );
  return grouped(found.filter(([, value]) => value !== "text"));
}

/** Returns a value as the scripts have it in a variable: `file`, `folder`, `text`, or `words:` and these. */
function valueText(value: Value): string {
  return typeof value === "string" ? value : `words:${value.words.join(" ")}`;
}

function grouped(pairs: readonly (readonly [string, string])[]): Case[] {
  const values = [...new Set(pairs.map(([, value]) => value))];
  return values.map((text) => ({
    keys: pairs.filter(([, value]) => value === text).map(([key]) => key),
    text,
  }));
}
