/** Shells complete the commands by what `hotroom completions` prints, tried in the shells themselves. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, runCommand } from "../../e2e/harness.ts";

setDefaultTimeout(60_000);

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** A folder with something to complete, in which the shells run. */
const folder = makeFolder({ "games/chat.ts": "", "game.config.json": "", "room data.jsonl": "" });
for (const shell of shells) {
  const { status, stdout } = runCommand("bun", ["completions", shell]);
  if (status !== 0) throw new Error(`hotroom completions ${shell} exits with ${status}.`);
  writeFileSync(join(folder, shell === "zsh" ? "_hotroom" : `hotroom.${shell}`), stdout);
}

function run(shell: Shell, args: string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 40_000,
  });
  expect([shell, status, stderr]).toEqual([shell, 0, ""]);
  return stdout;
}

let typed: Map<string, string[]> | undefined;

/** What a shell offers for the last word of a line, in order. */
const offers: Record<Shell, (line: string) => string[]> = {
  bash(line) {
    const words = line.split(" ");
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}`;
    const script = `. ./hotroom.bash; ${set}; _hotroom 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(run("bash", ["--norc", "-c", script]));
  },
  zsh(line) {
    typed ??= zshCompletes(cases.map(([each]) => each));
    return typed.get(line) ?? [];
  },
  fish(line) {
    const script = `source hotroom.fish; complete -C '${line}'`;
    return lines(run("fish", ["--no-config", "-c", script])).map((each) => each.split("\t")[0] ?? "");
  },
};

function lines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}

const cases: [line: string, expected: string[]][] = [
  ["hotroom comp", ["completions"]],
  ["hotroom data exp", ["export"]],
  ["hotroom reload-policy chat p", ["pin"]],
  ["hotroom serve --log-form", ["--log-format"]],
  ["hotroom --port 80 --log-format j", ["json"]],
  ["hotroom completions z", ["zsh"]],
  ["hotroom serve --config game.", ["game.config.json"]],
  ["hotroom init g", ["games"]],
];

/** Types the lines into one zsh, which takes long to start, with a tab at their ends; a function shows what became of them. */
function zshCompletes(typed: readonly string[]): Map<string, string[]> {
  const tries = typed.map(
    (line) => `
    zpty -w -n shell $'${line}\\t\\n'
    zpty -r shell output '*done*'
    print -r -- "\${output//[$'\\r\\n']/ }"`,
  );
  const shown = run("zsh", [
    "-f",
    "-c",
    `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; hotroom() { print -r -- "<"$^@">" done }; print rea""dy'
    zpty -r shell output '*ready*'
    ${tries.join("")}
    zpty -d shell`,
  ]);
  const words = shown
    .trim()
    .split("\n")
    .map((line) => [...line.matchAll(/<([^>\s]+)>/g)].map(([, word = ""]) => word));
  return new Map(typed.map((line, index) => [line, words[index]?.slice(-1) ?? []]));
}

describe.each(shells)("%s", (shell) => {
  const isThere = spawnSync(shell, ["--version"]).status === 0;
  if (!isThere) console.warn(`SKIPPED: ${shell} is not on the PATH, so its completions were not tried.`);

  test.skipIf(!isThere).each(cases)("completes %s", (line, expected) => {
    const found = offers[shell](line);
    // Of a folder bash says by its readline that it is one.
    expect(found.map((word) => word.replace(/\/$/, ""))).toEqual(expected);
  });
});

test("bash offers every command, the flags of one, and names with spaces whole", () => {
  const help = runCommand("bun", ["--help"]).stdout;
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*) /gm)].flatMap(([, name = ""]) =>
    name === "help" ? [] : name,
  );
  expect(commands.length).toBeGreaterThan(20);
  expect(offers.bash("hotroom ")).toEqual(commands.toSorted());
  expect(offers.bash("hotroom test --f")).toEqual(["--filter"]);
  expect(offers.bash("hotroom data import r")).toEqual(["room data.jsonl"]);
  // The value of a flag is no command, and no argument.
  expect(offers.bash("hotroom --host data l")).toEqual([]);
  expect(offers.bash("hotroom reload-policy --url x chat s")).toEqual(["swap"]);
});
