import { spawn } from "node:child_process";

/** What opens an address in the user's browser, by system. */
const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens an address in the user's browser, where there is one; who can't be shown it has it printed. */
export function openBrowser(address: string): void {
  const [command = "", ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // There is no such command: the address stands in the terminal.
  child.unref();
}
