import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { HotroomError, messageOf } from "../../core/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import { settlesWithin } from "../../core/settles_within.ts";
import type { TokenSource } from "./access.ts";
import { ApiTokens, MAX_TOKEN_FILE_BYTES } from "./api_tokens.ts";

/** How often the file is looked at while nobody asks, ms. */
const LOOK_MS = 1000;
/** How long a request waits for that, ms: a disk that hangs must not keep out whom it lets in. */
const WAIT_MS = 1000;

/** Says which file it is and in which state, by what the file system knows of it. */
type Mark = string;

/**
 * The tokens of a file, as it says now: it is looked at before each answer, so that a token that is taken out ends at once. A file
 * that can't be used leaves those that it had before, and the log says so.
 */
export class TokenFile implements TokenSource {
  #tokens: ApiTokens;
  #seen: Mark;
  /** The look that has begun last, and the one that follows it. */
  #look = Promise.resolve();
  #next: Promise<void> | undefined;
  #stop = () => {};

  private constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly log: Log,
    [tokens, seen]: readonly [ApiTokens, Mark],
  ) {
    this.#tokens = tokens;
    this.#seen = seen;
  }

  /** Resolves when its tokens are known. Rejects with HotroomError `bad_tokens` where it can't be used. */
  static async open(path: string, clock: Clock, log: Log): Promise<TokenFile> {
    try {
      return new TokenFile(path, clock, log, await read(path));
    } catch (error) {
      throw new HotroomError("bad_tokens", `Cannot use the tokens in ${path}: ${messageOf(error)}`);
    }
  }

  async current(): Promise<ApiTokens> {
    await settlesWithin(this.clock, WAIT_MS, this.#lookAgain());
    return this.#tokens;
  }

  /** Looks at the file from now on though nobody asks, until `close`. */
  watch(): void {
    this.#stop = this.clock.every(LOOK_MS, () => void this.#lookAgain());
  }

  /** Ends that. */
  close(): void {
    this.#stop();
  }

  /** Resolves when a look has ended that began after this call: one that had begun before may have missed what is asked about. */
  #lookAgain(): Promise<void> {
    this.#next ??= this.#look.then(() => {
      this.#next = undefined;
      this.#look = this.#takeOver();
      return this.#look;
    });
    return this.#next;
  }

  /** Takes over what the file says, where that is another one than before. */
  async #takeOver(): Promise<void> {
    let seen: Mark = "";
    try {
      seen = markOf(await stat(this.path, { bigint: true }));
      if (seen === this.#seen) return;
      [this.#tokens, this.#seen] = await read(this.path);
      this.log("info", `The tokens in ${this.path} are taken over: ${this.#tokens.size}.`);
    } catch (error) {
      if (seen === this.#seen) return;
      this.#seen = seen;
      const why = `Cannot use the tokens in ${this.path}: ${messageOf(error)}`;
      this.log("error", `${why} Those that it had before are taken until it can be used.`);
    }
  }
}

/** Reads a file of tokens, no more of it than it may have. Throws an Error. */
async function read(path: string): Promise<readonly [ApiTokens, Mark]> {
  // It may be a pipe, which would be waited for.
  const { O_RDONLY, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) throw new Error("it is no file.");
    return [ApiTokens.parse(await textOf(file)), markOf(found)];
  } finally {
    await file.close();
  }
}

async function textOf(file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc(MAX_TOKEN_FILE_BYTES + 1);
  let size = 0;
  while (size < bytes.length) {
    const { bytesRead } = await file.read(bytes, size, bytes.length - size, size);
    if (bytesRead === 0) break;
    size += bytesRead;
  }
  if (size > MAX_TOKEN_FILE_BYTES) throw new Error(`it has more than ${MAX_TOKEN_FILE_BYTES} bytes.`);
  return bytes.toString("utf8", 0, size);
}

function markOf(found: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint }): Mark {
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
}
