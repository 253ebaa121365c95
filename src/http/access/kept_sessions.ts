import { createHash } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { mkdir, open, opendir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { HotroomError, messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { type KeptSession, MOST_SESSIONS, SESSION_MS, type SessionKeeper } from "./console_sessions.ts";

/** Where a server may keep something, and by what it is known to be the same one when it starts again. */
export interface SessionPlaces {
  /** Its data folder, taken where that is there and has nothing of somebody else's: it is never made for this. */
  readonly data?: string | undefined;
  /** A folder that this user's servers share. */
  readonly cache?: string | undefined;
  readonly extensions?: string | undefined;
  readonly host: string;
  /** As it was asked for; with 0 each start is another server. */
  readonly port: number;
  readonly unix?: string | undefined;
}

/** Begins what there is of them in a data folder. */
const NAME = "console";
/** Characters of what tells servers of one data folder apart. */
const SERVER_LENGTH = 12;
/** Characters of what a session was opened by. */
const MOST_BY = 64;
/** Bytes of a file that are read. */
const MOST_BYTES = MOST_SESSIONS * 256;
/** Files of other servers that are looked at whether they are out of date. */
const MOST_FILES = 1000;

const listSchema = v.pipe(
  v.array(
    v.strictObject({
      hash: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
      by: v.pipe(v.string(), v.maxLength(MOST_BY)),
      until: v.pipe(v.number(), v.finite()),
    }),
  ),
  v.maxLength(MOST_SESSIONS),
);

/**
 * The console's sessions, in a file of this user's alone, so that tabs that are open stay open when the server starts again. It lies in the
 * data folder, or in the cache while there is none.
 */
export class KeptSessions implements SessionKeeper {
  #next: readonly KeptSession[] | undefined;
  #isSaving = false;
  #told = false;

  private constructor(
    private readonly places: SessionPlaces,
    private readonly log: Log,
    /** Those that were kept when the server started. */
    readonly found: readonly KeptSession[],
  ) {}

  /** Resolves when it is known what was kept. */
  static async open(places: SessionPlaces, log: Log): Promise<KeptSessions> {
    for (const { file } of await filesOf(places)) {
      try {
        return new KeptSessions(places, log, await read(file));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
        log("warn", `Cannot know who had the console open, by ${file}: ${messageOf(error)}`);
      }
    }
    return new KeptSessions(places, log, []);
  }

  /** Keeps these and no others, soon: nobody waits for the disk. */
  save(sessions: readonly KeptSession[]): void {
    this.#next = sessions;
    if (!this.#isSaving) void this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    this.#isSaving = true;
    while (this.#next) {
      const sessions = this.#next;
      this.#next = undefined;
      await this.#write(sessions).catch((error) => this.#failed(error));
    }
    this.#isSaving = false;
  }

  async #failed(error: unknown): Promise<void> {
    // What was kept before would let in again whoever has closed the console since; a full disk lets it be deleted.
    for (const { file } of await filesOf(this.places)) await rm(file, { force: true }).catch(() => {});
    if (!this.#told)
      this.log("warn", `Cannot keep who has the console open, a restart locks it: ${messageOf(error)}`);
    this.#told = true;
  }

  async #write(sessions: readonly KeptSession[]): Promise<void> {
    const [place, ...others] = await filesOf(this.places);
    if (!place) return;
    const { file, begin } = place;
    const folder = dirname(file);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseForeign(folder);
    const draft = `${file}.new`;
    await rm(draft, { force: true });
    await writeFile(draft, JSON.stringify(sessions), { mode: 0o600, flag: "wx" });
    await rename(draft, file);
    // One that is out of date would let in again whoever has closed the console since.
    for (const other of others) await rm(other.file, { force: true });
    await prune(folder, begin);
  }
}

/** A file that may have them, and how the names of those of all servers in its folder begin. */
interface Place {
  readonly file: string;
  readonly begin: string;
}

/** Resolves with the places that there are, the best first. */
async function filesOf({ data, cache, extensions, host, port, unix }: SessionPlaces): Promise<Place[]> {
  const places: Place[] = [];
  const address = unix === undefined ? [host, port] : [resolve(unix)];
  if (data !== undefined && (await isDataFolder(data)))
    places.push({ file: join(data, nameInData(address)), begin: NAME });
  if (cache !== undefined && (unix !== undefined || port !== 0)) {
    const server = [extensions === undefined ? "" : resolve(extensions), ...address];
    places.push({ file: join(cache, "consoles", `${hashText(server)}.json`), begin: "" });
  }
  return places;
}

/**
 * Returns the name of their file in a data folder. A server has that for itself only while it has something durable, and who was let in to one that
 * has not must not be let in to another.
 */
export function nameInData(address: readonly (string | number)[]): string {
  return `${NAME}-${hashText(address).slice(0, SERVER_LENGTH)}`;
}

function hashText(value: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** Resolves with whether a folder is one of servers, or is to become one: by the usual name somebody may have one for something else. */
async function isDataFolder(folder: string): Promise<boolean> {
  if (existsSync(join(folder, "store.db"))) return true;
  try {
    for await (const { name } of await opendir(folder)) if (!name.startsWith(NAME)) return false;
    return true;
  } catch {
    return false;
  }
}

/** Reads what is kept in a file; rejects where there is none, and where others may have written it. */
async function read(path: string): Promise<readonly KeptSession[]> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MOST_BYTES) throw new Error("it is no file of ours.");
    await refuseForeign(dirname(path));
    if (!isOwn(found, 0o077)) throw new Error("it is not this user's alone.");
    return v.parse(listSchema, JSON.parse(await file.readFile("utf8")));
  } catch (error) {
    throw error instanceof SyntaxError || v.isValiError(error) ? new Error("it is damaged.") : error;
  } finally {
    await file.close();
  }
}

/** Rejects for a folder into which somebody else may put a file, since that would let him in. */
async function refuseForeign(folder: string): Promise<void> {
  if (!isOwn(await stat(folder), 0o022))
    throw new HotroomError("not_allowed", `others may write to ${folder}.`);
}

/** Returns true if something is this user's, with none of the rights; systems without users have none to look at. */
function isOwn({ uid, mode }: { uid: number; mode: number }, rights: number): boolean {
  const own = process.getuid?.();
  return own === undefined || (uid === own && (mode & rights) === 0);
}

/** Deletes the files of servers whose console nobody has had open for as long as a session lasts. */
async function prune(folder: string, begin: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(begin));
  for (const name of names.slice(0, MOST_FILES)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < Date.now() - SESSION_MS) await rm(path, { force: true });
  }
}
