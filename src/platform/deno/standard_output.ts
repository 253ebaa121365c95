/** What is used of the global `Deno` here, so that the types need no Deno around. */
declare const Deno: { readonly stdout: { write(bytes: Uint8Array): Promise<number> } };

/** Writes to standard output in a thread of its own; resolves with how many bytes were taken. */
export function writeOutput(bytes: Uint8Array): Promise<number> {
  // Neither `process.stdout` nor `write` of `node:fs`: both block the process (`op_node_fs_write_deferred`, Deno 2.9.6).
  return Deno.stdout.write(bytes);
}
