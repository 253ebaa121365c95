import type { CommandNode, Value } from "./command_tree.ts";
import { commandKeys, flagValues } from "./where.ts";

/** Returns the script by which fish completes the commands of a program. */
export function fishScript(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap(({ path, flags, values, commands }) => [
    ...commands.map(({ name, description }) => `${at(path, 0)} -a ${quoted(name)} -d ${quoted(description)}`),
    ...values.flatMap((value, position) => {
      const offered = offer(value);
      return offered === "" ? [] : [`${at(path, position)} ${offered}`];
    }),
    ...flags.map(({ names, description, value }) => {
      const long = names.map((name) =>
        name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
      );
      const follows = value === undefined ? "" : ` -r ${offer(value)}`;
      return `${at(path)} ${long.join(" ")}${follows.trimEnd()} -d ${quoted(description)}`;
    }),
  ]);
  return `# Completions of hotroom for fish: hotroom completions fish | source
function __hotroom_at
    set -l at
    set -l value
    set -l position 0
    for word in (commandline -opc)[2..-1]
        if test -n "$value"; and not string match -q -- '-*' $word
            set value
            continue
        end
        set value
        switch "$at $word"
            case ${commandKeys(tree).map(quoted).join(" ")}
                set at "$at/$word"
                set position 0
            case ${flagValues(tree)
              .flatMap(({ keys }) => keys)
              .map(quoted)
              .join(" ")}
                set value follows
            case '* -*'
            case '*'
                set position (math $position + 1)
        end
    end
    echo "$at $position"
end
function __hotroom_in
    set -l here (string split ' ' -- (__hotroom_at))
    test "$here[1]" = "$argv[1]"; and test (count $argv) -eq 1 -o "$here[2]" = "$argv[2]"
end
complete -c hotroom -f
${lines.join("\n")}
`;
}

/** The beginning of a line that holds in one command, at one of its arguments or anywhere. */
function at(path: string, position?: number): string {
  const where = position === undefined ? `"${path}"` : `"${path}" ${position}`;
  return `complete -c hotroom -n '__hotroom_in ${where}'`;
}

function offer(value: Value): string {
  if (value === "text") return "";
  if (value === "file") return "-F";
  return `-a ${quoted(value === "folder" ? "(__fish_complete_directories)" : value.words.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
