/**
 * Watches the folder that is its argument and tells what happens as lines of JSON: run by bun and by deno, since the
 * runtimes watch in their own ways. Ends when its standard input does.
 */
import { ExtensionsWatcher, type Change } from "../../../src/source/watch/extensions_watcher.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";

const [folder = "", command = ""] = process.argv.slice(2);
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (change: Change) => {
  const { kind, application } = change;
  if (change.kind === "removed") return { kind, application };
  if (change.kind === "broken") return { kind, application, error: change.error.toString() };
  const { version, files } = change.build;
  return { kind, application, version, files: Object.fromEntries(files) };
};
const watcher = new ExtensionsWatcher({
  folder,
  // The poll is a net for what watching misses; here it must not catch anything.
  poll: 600_000,
  // Longer than a busy machine makes a test pause between two steps of what is to be one change.
  settle: 200,
  onChange: (change) => say(tell(change)),
  log: (level, message) => say({ kind: "log", level, message }),
  ...(command && { stripper: new Stripper({ command: JSON.parse(command) }) }),
});
say({ kind: "ready", changes: (await watcher.scan()).map(tell) });
process.stdin.on("end", () => {
  watcher.close();
  process.exit(0);
});
process.stdin.resume();
