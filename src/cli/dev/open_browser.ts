import { spawn } from "node:child_process";
import { openingFile } from "./opening_file.ts";

/** What opens a file in the user's browser, by system. */
const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/**
 * Opens an address in the user's browser, where there is one; who can't be shown it has it printed. It has a secret in it, and whoever is on
 * the machine reads the arguments of every process: so what is opened is a file that only this user reads.
 */
export function openBrowser(address: string): void {
  let path: string;
  try {
    path = openingFile(address);
  } catch {
    return; // There is no place for it: the address stands in the terminal.
  }
  const [command = "", ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, path], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // There is no such command: the address stands in the terminal.
  child.unref();
}
