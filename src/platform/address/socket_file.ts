import { randomBytes } from "node:crypto";
import { type BigIntStats, chmodSync, linkSync, lstatSync, rmSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";

/** Who may connect: the server's own user and group, so that a proxy's user is let in by being of that group. */
const SOCKET_MODE = 0o660;
/** How long a server at a socket may take to accept, ms: one that does not is there all the same. */
const ACCEPT_MS = 2_000;
/** Bytes of the name under which a socket is made, before it gets its own. */
export const FIRST_NAME_BYTES = 6;

/**
 * The file of a server's unix socket. Both runtimes take away whatever lies at the path that they were given when they stop, and Bun before it
 * listens, too; so they are given another one, and the file that has come about gets the name that is meant where nothing has it.
 */
export class SocketFile {
  readonly #path: string;
  /** What tells the file that was made from others at its path: as long as its server listens nothing else has its number. */
  #own: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes away what a server that was killed has left at the path. Rejects with an Error where something else is there, or a server
   * that lives.
   */
  async clear(): Promise<void> {
    const found = fileAt(this.#path);
    if (!found) return;
    if (!found.isSocket()) throw new Error("there is a file that is no socket");
    if (await isHeard(this.#path)) throw new Error("another server listens there");
    // Not what somebody has put there in the meantime.
    if (markOf(fileAt(this.#path)) === markOf(found)) unlinkSync(this.#path);
  }

  /**
   * Has `serve` listen at a path, lets the server's user and group connect there and nobody else, whatever the umask of the process is, and
   * gives it its own name. Throws an Error where that is taken by now; then `stop` is called with what `serve` has returned.
   */
  listen<T>(serve: (path: string) => T, stop: (server: T) => void): T {
    const first = join(dirname(this.#path), firstName());
    const server = serve(first);
    try {
      chmodSync(first, SOCKET_MODE);
      this.remove();
      linkSync(first, this.#path);
      this.#own = numberOf(fileAt(first));
      return server;
    } catch (error) {
      stop(server);
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw new Error("something else has come there meanwhile");
    } finally {
      rmSync(first, { force: true });
    }
  }

  /** Takes the file away where it is still the one that was made here; called before the server stops, while its number is its own. */
  remove(): void {
    const isOwn = this.#own !== undefined && numberOf(fileAt(this.#path)) === this.#own;
    this.#own = undefined;
    if (isOwn) rmSync(this.#path, { force: true });
  }
}

/** Returns a name that no other server takes at the same time. */
function firstName(): string {
  return `.${randomBytes(FIRST_NAME_BYTES)
    .toString("hex")
    .slice(1 - FIRST_NAME_BYTES)}`;
}

/** Returns what tells a file from all that are there at the same time, whatever is done to its owner and rights. */
function numberOf(file: BigIntStats | undefined): string {
  return `${file?.dev} ${file?.ino}`;
}

/** Returns what tells one file at a path from the next: file systems give the number of one that has gone to the one that comes. */
function markOf(file: BigIntStats | undefined): string {
  return `${numberOf(file)} ${file?.ctimeNs} ${file?.birthtimeNs}`;
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
