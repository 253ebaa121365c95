import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { isIgnored } from "./discover.ts";

/**
 * Tells that something in a folder may have changed: no more. The runtimes' own watching is used for speed only, since
 * names and kinds of its events can't be relied on; it is set up anew when the folder itself was replaced.
 */
export class FolderSignal {
  #watcher: FSWatcher | undefined;
  /** Inode of the folder that is watched; a renamed folder keeps being watched under its new name. */
  #inode: number | undefined;

  constructor(
    private readonly folder: string,
    private readonly signal: () => void,
    /** Watching can't be had, by the runtime's error; polling goes on. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Watches the folder that is there now; called again and again, it does something only when that is another one. */
  async arm(): Promise<void> {
    const inode = await stat(this.folder).then(
      (stats) => stats.ino,
      () => undefined,
    );
    if (inode === this.#inode && (this.#watcher || inode === undefined)) return;
    this.close();
    if (inode === undefined) return;
    try {
      const watcher = watch(this.folder, { recursive: true, persistent: false }, (_kind, name) => {
        if (this.#watcher === watcher && !(name && isIgnored(String(name)))) this.signal();
      });
      watcher.on("error", (error) => {
        if (this.#watcher !== watcher) return;
        this.close();
        this.onError(error);
      });
      this.#watcher = watcher;
      this.#inode = inode;
    } catch (error) {
      this.onError(error);
    }
  }

  close(): void {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    this.#inode = undefined;
    watcher?.close();
  }
}
