/** Removes a listener; calling it again does nothing. */
export type Off = () => void;

// biome-ignore lint/suspicious/noExplicitAny: the public methods check a listener against its event's arguments.
type Listener = (...args: any[]) => void;

/** Arguments of the listeners by event. */
export type EventMap = Record<string, readonly unknown[]>;

/**
 * Listeners by event. A listener that throws doesn't keep the others from being called: its error is reported as
 * the runtime reports uncaught ones.
 */
export class Listeners<E extends EventMap> {
  /** For each event its listeners in the order they came, with whether each is called only once. */
  readonly #listeners = new Map<keyof E, Map<Listener, boolean>>();

  /** Calls `listener` at each event; the same function is called once however often it is added. */
  on<K extends keyof E>(event: K, listener: (...args: E[K]) => void): Off {
    return this.#add(event, listener, false);
  }

  /** Calls `listener` at the next event only. */
  once<K extends keyof E>(event: K, listener: (...args: E[K]) => void): Off {
    return this.#add(event, listener, true);
  }

  /** Removes a listener; one that is removed during an event isn't called for it any more. */
  off<K extends keyof E>(event: K, listener: (...args: E[K]) => void): void {
    const listeners = this.#listeners.get(event);
    if (listeners?.delete(listener) && listeners.size === 0) this.#listeners.delete(event);
  }

  /** Calls the listeners that there are now; returns true if there were any. */
  emit<K extends keyof E>(event: K, ...args: E[K]): boolean {
    const listeners = this.#listeners.get(event);
    if (!listeners) return false;
    for (const [listener, once] of [...listeners]) {
      if (!listeners.has(listener)) continue;
      if (once) this.off(event, listener);
      try {
        listener(...args);
      } catch (error) {
        report(error);
      }
    }
    return true;
  }

  #add<K extends keyof E>(event: K, listener: Listener, once: boolean): Off {
    const listeners = this.#listeners.get(event) ?? new Map<Listener, boolean>();
    this.#listeners.set(event, listeners);
    if (!listeners.has(listener)) listeners.set(listener, once);
    return () => this.off(event, listener);
  }
}

/** Hands an error to the runtime as uncaught; Node has no `reportError`. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
