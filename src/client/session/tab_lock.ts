/** How long a page that goes away in a reload may take to give its lock up, ms. */
const PATIENCE_MS = 500;

/** How long another page may take to say that it has a name, where there are no Web Locks, ms. */
const ANSWER_MS = 200;

/** What is used of the Web Locks. */
interface Locks {
  request(name: string, options: { signal: AbortSignal }, hold: () => Promise<void>): Promise<unknown>;
}

/**
 * A name that one page at a time has: so a tab that was duplicated, with its sessionStorage, is told from one that was
 * reloaded. It is a Web Lock; pages that are not served safely have none, and ask each other.
 */
export class TabLock {
  readonly #release: () => void;

  private constructor(release: () => void) {
    this.#release = release;
  }

  /** Resolves with the lock of a name; with undefined where another page has it. */
  static take(name: string): Promise<TabLock | undefined> {
    const locks = (globalThis.navigator as { locks?: Locks } | undefined)?.locks;
    if (locks) return lock(locks, name).then((release) => release && new TabLock(release));
    return ask(name).then((release) => release && new TabLock(release));
  }

  /** Lets another page have the name. */
  release(): void {
    this.#release();
  }
}

function lock(locks: Locks, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    const hold = () => {
      clearTimeout(timer);
      return new Promise<void>((release) => resolve(release));
    };
    locks.request(name, { signal: patience.signal }, hold).catch(() => resolve(undefined));
  });
}

async function ask(name: string): Promise<(() => void) | undefined> {
  const channel = new BroadcastChannel(name);
  const isTaken = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), ANSWER_MS);
    channel.onmessage = ({ data }) => {
      if (data !== "mine") return;
      clearTimeout(timer);
      resolve(true);
    };
    channel.postMessage("whose");
  });
  if (isTaken) {
    channel.close();
    return undefined;
  }
  channel.onmessage = ({ data }) => {
    if (data === "whose") channel.postMessage("mine");
  };
  return () => channel.close();
}
