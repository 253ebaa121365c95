import { selfCommand } from "../process/self_command.ts";

/**
 * Returns the command that starts this same program as the writer of a data folder, an absolute path, for this process. On Deno it
 * may read and write that folder, and ask how much space there is: nothing else, no network, no program. It is not tethered to this process as other children
 * are, which the kernel may end at any moment: it ends with its input, after what it has read.
 */
export function writerCommand(folder: string): readonly string[] {
  const escaped = folder.replaceAll(",", ",,");
  const flags = [`--allow-read=${escaped}`, `--allow-write=${escaped}`, "--allow-sys=statfs"];
  return [...selfCommand("store-writer", flags), folder, String(process.pid)];
}
