import { TabLock } from "./tab_lock.ts";

/** What a page leaves for the next one in its tab. */
export interface StoredData {
  /** Name of the lock that the page has which uses the session. */
  readonly lock: string;
  /** How many pages have used it: each has ids of its own. */
  readonly pages: number;
  readonly session?: string;
  readonly seen?: number;
}

/** Ids of requests that one page may use. */
const IDS_PER_PAGE = 2 ** 32;

/** A session in the tab's sessionStorage: it outlives a reload, and is used by one page at a time. */
export class StoredSession {
  readonly #key: string;
  #data: StoredData;
  #lock: TabLock | undefined;

  private constructor(key: string, data: StoredData, lock: TabLock | undefined) {
    this.#key = key;
    this.#data = data;
    this.#lock = lock;
    this.#write();
  }

  /** Opens what is kept under a key; a page that has been duplicated begins with nothing. Resolves with undefined where the runtime has no sessionStorage. */
  static async open(key: string): Promise<StoredSession | undefined> {
    if (!hasStorage()) return undefined;
    const kept = read(key);
    const lock = kept && (await TabLock.take(kept.lock));
    if (kept && lock) return new StoredSession(key, { ...kept, pages: kept.pages + 1 }, lock);
    const own = `${key} ${randomName()}`;
    return new StoredSession(key, { lock: own, pages: 0 }, await TabLock.take(own));
  }

  /** What the page before has left; without `session` there was none. */
  get data(): StoredData {
    return this.#data;
  }

  /** The number below the first id that this page may use. */
  get firstId(): number {
    return this.#data.pages * IDS_PER_PAGE;
  }

  /** Keeps the session, or that there is none. */
  save(session: string | undefined, seen: number): void {
    const { lock, pages } = this.#data;
    this.#data = session === undefined ? { lock, pages } : { lock, pages, session, seen };
    this.#write();
  }

  /** Lets another page of the tab use it. */
  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** Takes it back. Resolves with true if another page of the tab has used it meanwhile. */
  async retake(): Promise<boolean> {
    if (this.#lock) return false;
    this.#lock = await TabLock.take(this.#data.lock);
    const kept = read(this.#key);
    if (kept?.lock === this.#data.lock && kept.pages === this.#data.pages) return false;
    const pages = Math.max(kept?.pages ?? 0, this.#data.pages) + 1;
    this.#data = { lock: this.#data.lock, ...kept, pages };
    this.#write();
    return true;
  }

  #write(): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#data));
    } catch {
      // It is full or forbidden: then a reload begins anew, as without it.
    }
  }
}

/** A frame that is shut off from its origin may not even ask for it. */
function hasStorage(): boolean {
  try {
    return typeof sessionStorage === "object" && sessionStorage !== null;
  } catch {
    return false;
  }
}

function read(key: string): StoredData | undefined {
  try {
    const data = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return typeof data?.lock === "string" && Number.isSafeInteger(data.pages) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Pages that are not served safely have no `crypto.randomUUID`. */
function randomName(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
