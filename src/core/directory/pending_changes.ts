/** One thing that has changed. */
interface Change<T> {
  /** What there is now by that key; undefined where there is nothing any more. */
  readonly now: T | undefined;
  /** Whether there was something by that key when the changes were taken last. */
  readonly wasTold: boolean;
}

/**
 * What somebody is still to be told of things that come, change and go. What came and went meanwhile is nothing to tell, so that
 * there is never more of it than there are things and were told.
 */
export class PendingChanges<T> {
  #changes = new Map<string, Change<T>>();

  get size(): number {
    return this.#changes.size;
  }

  added(key: string, now: T): void {
    this.#changes.set(key, { now, wasTold: this.#changes.get(key)?.wasTold ?? false });
  }

  changed(key: string, now: T): void {
    this.#changes.set(key, { now, wasTold: this.#changes.get(key)?.wasTold ?? true });
  }

  removed(key: string): void {
    if (this.#changes.get(key)?.wasTold === false) this.#changes.delete(key);
    else this.#changes.set(key, { now: undefined, wasTold: true });
  }

  /** Returns what there is now by each key, undefined where that has gone, and takes it for told. */
  take(): [key: string, now: T | undefined][] {
    const changes = this.#changes;
    this.#changes = new Map();
    return Array.from(changes, ([key, { now }]) => [key, now]);
  }
}
