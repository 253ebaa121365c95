/** How long a page that goes away in a reload may take to give its lock up, on a device that has much to do, ms. */
const PATIENCE_MS = 5_000;

/** How long another page may take to say that it has a name, where there are no Web Locks, ms. */
const ANSWER_MS = 200;

/** What is used of the Web Locks. */
interface Locks {
  request(name: string, options: { signal: AbortSignal }, hold: () => Promise<void>): Promise<unknown>;
}

/**
 * A name that one page at a time has: so a tab that was duplicated, with its sessionStorage, is told from one that was
 * reloaded. It is a Web Lock, and the page that has it says so when it is asked; pages that are not served safely have no locks, and go by
 * what is said alone.
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

/** Waits for a lock, unless the page that has it says that it is there: one that goes away says nothing. */
function lock(locks: Locks, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name);
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), PATIENCE_MS);
    channel.onmessage = ({ data }) => {
      if (data === "mine") end.abort();
    };
    const hold = () => {
      clearTimeout(timer);
      answer(channel);
      return new Promise<void>((release) =>
        resolve(() => {
          channel.close();
          release();
        }),
      );
    };
    locks.request(name, { signal: end.signal }, hold).catch(() => {
      clearTimeout(timer);
      channel.close();
      resolve(undefined);
    });
    channel.postMessage("whose");
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
  answer(channel);
  return () => channel.close();
}

/** Says from now on whose the name is. */
function answer(channel: BroadcastChannel): void {
  channel.onmessage = ({ data }) => {
    if (data === "whose") channel.postMessage("mine");
  };
}
