import { Argument, type Command } from "commander";
import { commandTree } from "./command_tree.ts";
import { fishScript } from "./fish.ts";
import { bashScript, zshScript } from "./posix_shells.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Adds `completions` to a program, which prints what a shell completes all of its commands by; `standard` is its default command. */
export function addCompletionsCommand(program: Command, standard: string): void {
  program
    .command("completions")
    .description("print what a shell completes these commands by, to be sourced at its start")
    .addArgument(new Argument("<shell>").choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts) => {
      process.stdout.write(scripts[shell](commandTree(program, standard)));
    });
}
