import type { CommandNode } from "./command_tree.ts";
import { argumentValues, type Case, commandKeys, flagValues } from "./where.ts";

/** Returns the script by which bash completes the commands of a program. */
export function bashScript(tree: readonly CommandNode[]): string {
  const flags = tree.map(({ path, flags }) => ({
    keys: [path],
    text: `words=${quoted(flags.flatMap(({ names }) => names).join(" "))}`,
  }));
  const commands = tree
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => ({
      keys: [`${path} 0`],
      text: `value=${quoted(`words:${commands.map(({ name }) => name).join(" ")}`)}`,
    }));
  return `# Completions of hotroom for bash: source <(hotroom completions bash)
_hotroom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at= word value= words= position=0 i line
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
${walk(tree)}
  done
  if [[ $cur == -* ]]; then
    value=
${cases("$at", flags, "    ")}
  elif [[ -z $value ]]; then
${cases("$at $position", [...commands, ...argumentCases(tree)], "    ")}
  fi
  case $value in
    file | folder)
      # An older bash has no compopt, and marks no folders then.
      compopt -o filenames 2>/dev/null
      local only=-f
      [[ $value == folder ]] && only=-d
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$only" -- "$cur")
      ;;
    words:*) words=\${value#words:} ;;
  esac
  if [[ -n $words ]]; then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _hotroom hotroom
`;
}

/** Returns the script by which zsh does. */
export function zshScript(tree: readonly CommandNode[]): string {
  const flags = tree.map(({ path, flags }) => ({
    keys: [path],
    text: described(flags.flatMap(({ names, description }) => names.map((name) => ({ name, description })))),
  }));
  const commands = tree
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => ({ keys: [`${path} 0`], text: described(commands) }));
  return `#compdef hotroom
# Completions of hotroom for zsh: source <(hotroom completions zsh), or as a file _hotroom in a folder of $fpath.
_hotroom() {
  local cur=\${words[CURRENT]} at= word value= position=0 i
  local -a list
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
${walk(tree)}
  done
  if [[ $cur == -* ]]; then
    value=
${cases("$at", flags, "    ")}
    _describe -o option list
    return
  elif [[ -z $value ]]; then
${cases("$at $position", [...commands, ...argumentCases(tree)], "    ")}
  fi
  case $value in
    file) _files ;;
    folder) _files -/ ;;
    words:*) compadd -- \${=value#words:} ;;
    *) (( $#list )) && _describe command list ;;
  esac
}
if [[ $funcstack[1] == _hotroom ]]; then _hotroom "$@"; else compdef _hotroom hotroom; fi
`;
}

/** The part of the loop over the words before the cursor that both shells read alike: in which command, at which argument it is. */
function walk(tree: readonly CommandNode[]): string {
  const values = flagValues(tree).map(({ keys, text }) => ({ keys, text: `value=${quoted(text)}` }));
  const commands = { keys: commandKeys(tree), text: "at=$at/$word position=0" };
  return `    if [[ -n $value && $word != -* ]]; then
      value=
      continue
    fi
    value=
    case "$at $word" in
${branches([commands, ...values], "      ")}
      *' '-*) ;;
      *) position=$((position + 1)) ;;
    esac`;
}

function argumentCases(tree: readonly CommandNode[]): Case[] {
  return argumentValues(tree).map(({ keys, text }) => ({ keys, text: `value=${quoted(text)}` }));
}

/** A list of what may stand there, each with what it does, as `_describe` takes it. */
function described(items: readonly { name: string; description: string }[]): string {
  const texts = items.map(({ name, description }) => `${name}:${description.replace(/[\\:]/g, "\\$&")}`);
  return `list=(${texts.map(quoted).join(" ")})`;
}

function cases(subject: string, all: readonly Case[], indent: string): string {
  return `${indent}case "${subject}" in\n${branches(all, `${indent}  `)}\n${indent}esac`;
}

function branches(all: readonly Case[], indent: string): string {
  return all.map(({ keys, text }) => `${indent}${keys.map(quoted).join(" | ")}) ${text} ;;`).join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
