import { Application } from "./application.ts";
import { BuildError } from "./errors.ts";
import { type Deps, messageOf } from "./extension.ts";
import type { Build } from "./ports.ts";
import { reload } from "./reload.ts";

/** One application by name, whether or not a version of it runs. */
export interface Entry {
  readonly name: string;
  application?: Application;
  /** What is wrong with the newest edit. */
  error?: BuildError;
}

/** All applications of a server; it takes what the folder watcher finds. */
export class Applications {
  readonly #entries = new Map<string, Entry>();
  readonly #turns = new Map<string, Promise<void>>();

  constructor(private readonly deps: Deps) {}

  /** The running application of that name. */
  find(name: string): Application | undefined {
    return this.#entries.get(name)?.application;
  }

  /** Everything that was found in the folder, sorted by name. */
  all(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  entry(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Takes a new build: the application starts, or moves to it. Resolves when that is done or has failed; never rejects. */
  update(build: Build): Promise<void> {
    return this.#inTurn(build.application, (entry) => this.#update(entry, build));
  }

  /** Takes an edit that could not be built; what runs goes on. */
  broken(name: string, error: BuildError): Promise<void> {
    return this.#inTurn(name, async (entry) => this.#failed(entry, error));
  }

  /** Closes an application whose files are gone. */
  remove(name: string): Promise<void> {
    return this.#inTurn(name, async (entry) => {
      this.#entries.delete(name);
      this.deps.log("info", "Application removed.", { application: name });
      await entry.application?.close("The application was removed.", "application_removed");
    });
  }

  /** Closes all; resolves when the `close` handlers were done. */
  async close(reason: string): Promise<void> {
    const closing = this.all().map(({ application }) => application?.close(reason, "server_shutdown"));
    await Promise.all(closing);
  }

  async #update(entry: Entry, build: Build): Promise<void> {
    const { scripts, log } = this.deps;
    const started = this.deps.clock.now();
    try {
      const version = await scripts.load(build);
      entry.error = undefined;
      if (!entry.application) {
        entry.application = new Application(build.application, version, this.deps);
        await entry.application.ready;
        await Promise.allSettled(Array.from(entry.application.rooms.values(), (room) => room.ready));
        log("info", "Application started.", { application: entry.name, version: build.version });
        return;
      }
      const { moved, failed, rolledBack } = await reload(entry.application, version, log);
      entry.application.unloadUnused();
      if (rolledBack) {
        const reasons = failed.map(({ room, reason }) => `${room || "the extension"}: ${reason}`).join("; ");
        throw new BuildError(`The version was rolled back: ${reasons}`);
      }
      const ms = this.deps.clock.now() - started;
      const text = `Version live: ${moved} rooms moved in ${ms} ms${failed.length ? `, ${failed.length} kept theirs` : ""}.`;
      log("info", text, { application: entry.name, version: build.version });
    } catch (error) {
      this.#failed(
        entry,
        error instanceof BuildError ? error : new BuildError(messageOf(error)),
        build.version,
      );
    }
  }

  #failed(entry: Entry, error: BuildError, version?: string): void {
    entry.error = error;
    const running = entry.application?.version.build.version;
    const rest = running === undefined ? "The application does not run" : `${running} keeps running`;
    const fields = { application: entry.name, ...(version === undefined ? {} : { version }) };
    this.deps.log("error", `${rest}: ${error.toString()}`, fields);
  }

  /** What concerns one application happens one after another. */
  #inTurn(name: string, task: (entry: Entry) => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => {
      let entry = this.#entries.get(name);
      if (!entry) {
        entry = { name };
        this.#entries.set(name, entry);
      }
      return task(entry);
    });
    const settled = turn.catch((error) => {
      this.deps.log("error", `Cannot update the application: ${messageOf(error)}`, { application: name });
    });
    this.#turns.set(name, settled);
    return settled;
  }
}
