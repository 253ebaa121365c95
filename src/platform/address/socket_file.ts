import { type BigIntStats, chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect } from "node:net";

/** Who may connect: the server's own user and group, so that a proxy's user is let in by being of that group. */
const SOCKET_MODE = 0o660;
/** How long a server at a socket may take to accept, ms: one that does not is there all the same. */
const ACCEPT_MS = 2_000;

/**
 * Takes away what a server that was killed has left at the path of its socket. Rejects with an Error where something else is there,
 * or a server that lives.
 */
export async function clearSocketFile(path: string): Promise<void> {
  const found = fileAt(path);
  if (!found) return;
  if (!found.isSocket()) throw new Error("there is a file that is no socket");
  if (await isHeard(path)) throw new Error("another server listens there");
  // Not what somebody has put there in the meantime.
  if (markOf(fileAt(path)) === markOf(found)) unlinkSync(path);
}

/** Returns what tells one file at a path from the next: file systems give the number of one that has gone to the one that comes. */
function markOf(file: BigIntStats | undefined): string {
  return `${file?.dev} ${file?.ino} ${file?.ctimeNs} ${file?.birthtimeNs}`;
}

/** Lets the server's user and group connect to its socket, and nobody else, whatever the umask of its process is. */
export function protectSocketFile(path: string): void {
  chmodSync(path, SOCKET_MODE);
}

function fileAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { throwIfNoEntry: false, bigint: true });
}

/** Resolves with whether anybody listens at a socket; rejects where that can't be known, as for want of the right to connect. */
function isHeard(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const answer = (heard: boolean) => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(ACCEPT_MS, () => answer(true));
    socket.once("connect", () => answer(true));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") answer(false);
      else reject(error);
    });
  });
}
