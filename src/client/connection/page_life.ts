/** What a `PageLife` tells. */
export interface PageLifeEvents {
  /** Connecting may make sense now: the page is seen again, or the network is back. */
  wake(): void;
  /** The page goes away; where `isKept` it may come back as it is (bfcache), which an open socket would prevent. */
  hide(isKept: boolean): void;
}

/** The parts of the web's globals that are used; each is absent somewhere. */
interface Globals {
  document?: EventTarget & { visibilityState: string };
  navigator?: { onLine?: boolean };
  addEventListener?: EventTarget["addEventListener"];
  removeEventListener?: EventTarget["removeEventListener"];
}

/** Whether the page is seen, is kept aside, and has a network. Outside of browsers nothing of that is known: all is well. */
export class PageLife {
  readonly #globals = globalThis as unknown as Globals;
  readonly #listeners: (readonly [target: Globals | EventTarget | undefined, type: string, () => void])[];
  #isAside = false;

  constructor(events: PageLifeEvents) {
    const wake = () => events.wake();
    const hide = (event?: Partial<PageTransitionEvent>) => {
      this.#isAside = event?.persisted === true;
      events.hide(this.#isAside);
    };
    const show = () => {
      this.#isAside = false;
      events.wake();
    };
    const { document } = this.#globals;
    this.#listeners = [
      [this.#globals, "online", wake],
      [this.#globals, "offline", wake],
      [this.#globals, "pagehide", hide],
      [this.#globals, "pageshow", show],
      [document, "visibilitychange", wake],
      [document, "resume", wake],
    ];
    for (const [target, type, listener] of this.#listeners) target?.addEventListener?.(type, listener);
  }

  /** Whether nobody sees the page. */
  get isHidden(): boolean {
    return this.#globals.document?.visibilityState === "hidden";
  }

  /** Whether the browser keeps the page for who goes back to it; then it must open nothing. */
  get isAside(): boolean {
    return this.#isAside;
  }

  /** Whether the runtime says that there is no network; it may be wrong. */
  get isOffline(): boolean {
    return this.#globals.navigator?.onLine === false;
  }

  /** Stops listening. */
  close(): void {
    for (const [target, type, listener] of this.#listeners) target?.removeEventListener?.(type, listener);
  }
}
