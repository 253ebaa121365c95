import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { isIgnored } from "../find/file_names.ts";

/**
 * A signal that something in a folder may have changed, and no more. The runtimes' own watching is used for speed only, since
 * names and kinds of its events can't be relied on; it is set up anew when the folder itself was replaced.
 */
export class FolderSignal {
  #watcher: FSWatcher | undefined;
  /** Which folder is watched: a renamed one keeps being watched under its new name, and inodes are used again. */
  #identity: string | undefined;
  #closed = false;

  constructor(
    private readonly folder: string,
    private readonly signal: () => void,
    /** Called with the runtime's error where the folder can't be watched. */
    private readonly onError: (error: unknown) => void,
    /** Whether what is in folders of it counts. */
    private readonly isDeep = true,
  ) {}

  /** Watches the folder that is there now. Called again, it does something only if that is another one. */
  async arm(): Promise<void> {
    const identity = await stat(this.folder).then(
      (stats) => `${stats.ino} ${stats.birthtimeMs}`,
      () => undefined,
    );
    if (this.#closed || identity === this.#identity) return;
    this.#release();
    this.#identity = identity;
    if (identity === undefined) return;
    try {
      const watcher = watch(this.folder, { recursive: this.isDeep, persistent: false }, (_kind, name) => {
        if (this.#watcher === watcher && !(name && isIgnored(String(name)))) this.signal();
      });
      watcher.on("error", (error) => {
        if (this.#watcher !== watcher) return;
        this.#release();
        this.onError(error);
      });
      this.#watcher = watcher;
      // Deno's watcher starts some ms after this call: what changes in between has no signal of its own.
      this.signal();
    } catch (error) {
      this.onError(error);
    }
  }

  /** Stops watching. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#identity = undefined;
    watcher?.close();
  }
}
