import { EarlyLoads } from "../edit/early_loads.ts";
import type { EditFeed } from "../edit/edit_feed.ts";
import { EditReports } from "../edit/edit_reports.ts";
import { type BuildError, HotroomError, messageOf } from "../errors.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import { OneByOne } from "../limit/one_by_one.ts";
import type { Build } from "../ports/build.ts";
import { VersionNumbers } from "../restore/version_numbers.ts";
import { settlesWithin } from "../settles_within.ts";
import type { ReloadPolicy } from "../version/policy_override.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import type { ReloadResult } from "../version/reload.ts";
import type { Application } from "./application.ts";
import { ApplicationEntry, type EntryDeps } from "./application_entry.ts";

/** How long whoever has a room closed waits for it, ms. */
const CLOSE_WAIT_MS = 5000;

/**
 * All applications of a server by name. It is told what the folder watcher finds, and what admins ask for; what concerns one application is
 * done one after another.
 */
export class Applications {
  readonly #entries = new Map<string, ApplicationEntry>();
  readonly #tasks: OneByOne;
  readonly #reports: EditReports;
  readonly #loads: EarlyLoads;
  readonly #entryDeps: EntryDeps;
  /** Resolves when what is kept can be read again. */
  #restarting: Promise<void> | undefined;
  #isClosing = false;

  /** `feed` keeps what becomes of edits, where somebody asks for that. */
  constructor(
    private readonly deps: ExtensionDeps,
    feed?: EditFeed,
  ) {
    this.#reports = new EditReports(deps, feed);
    this.#loads = new EarlyLoads(deps, this.#reports);
    this.#tasks = new OneByOne((application, error) =>
      deps.log("error", `Cannot update the application: ${messageOf(error)}`, { application }),
    );
    this.#entryDeps = {
      extensions: deps,
      reports: this.#reports,
      loads: this.#loads,
      numbers: new VersionNumbers(),
      restarting: () => this.#restarting,
      inTurn: (name, task) => this.#tasks.add(name, task),
    };
  }

  /** Returns the running application of that name; undefined where no version of it runs. */
  find(name: string): Application | undefined {
    return this.#entries.get(name)?.application;
  }

  /** Returns everything that was found in the folder, sorted by name. */
  all(): ApplicationEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Returns what was found in the folder by that name. */
  entry(name: string): ApplicationEntry | undefined {
    return this.#entries.get(name);
  }

  /** Takes a new build: the application starts, or moves to it. Resolves when that is done or has failed; never rejects. */
  update(build: Build): Promise<void> {
    return this.#tasks.add(build.application, () => this.#entryFor(build.application).update(build));
  }

  /** Hears of a draft, a build of files that may be half written still: where `update` follows with it, nobody waits for its load. */
  expect(draft: Build): void {
    if (!this.#isClosing) this.#entries.get(draft.application)?.expect(draft);
  }

  /** Takes an edit that could not be built; what runs goes on. */
  broken(name: string, error: BuildError): Promise<void> {
    return this.#tasks.add(name, () => this.#entryFor(name).broken(error));
  }

  /** Closes an application whose files are gone; what is kept of it stays. Resolves when the `close` handlers have run. */
  remove(name: string): Promise<void> {
    return this.#tasks.add(name, async () => {
      const entry = this.#entries.get(name);
      if (!entry) return;
      this.#entries.delete(name);
      this.#loads.forget(name);
      this.#reports.removed(entry);
      await entry.application?.close("The application was removed.", "application_removed");
    });
  }

  /**
   * Brings all durable applications up again from what is kept, since nobody knows what is: their users are told to come back, and no
   * handler runs. Where that can't be read it is tried again.
   */
  async restart(error: Error): Promise<void> {
    const { durable, log } = this.deps;
    if (!durable || this.#restarting || this.#isClosing) return;
    log("error", `What is kept has to be read again: ${messageOf(error)}`);
    const entries = this.all().filter(({ application }) => application?.durable);
    for (const entry of entries) entry.leave();
    this.#restarting = durable.openAgain(() => this.#isClosing);
    await this.#restarting;
    this.#restarting = undefined;
    const goOn = async (entry: ApplicationEntry) => {
      if (this.#entries.get(entry.name) === entry) await entry.goOn();
    };
    await Promise.all(entries.map((entry) => this.#tasks.add(entry.name, () => goOn(entry))));
  }

  /** Closes all applications; resolves when the `close` handlers have run. */
  async close(reason: string): Promise<void> {
    this.#isClosing = true;
    this.#loads.close();
    await Promise.all(this.all().map(({ application }) => application?.close(reason, "server_shutdown")));
  }

  /**
   * Closes a room because an admin asks for it; its script hears of it, unless the room was to close already: then it ends at once.
   * Resolves with false if that takes longer than a request waits for. Rejects with HotroomError: `application_unavailable`,
   * `room_not_found`.
   */
  async closeRoom(name: string, room: string): Promise<boolean> {
    const application = this.#running(name, "close a room of");
    const found = application.rooms.get(room);
    if (!found)
      throw new HotroomError("room_not_found", `Cannot close room "${room}": there is no such room.`);
    const { version } = found.extension;
    this.deps.log("info", "An admin closes the room.", { application: name, room, version });
    const closing = found.close("An admin closed it.", found.state !== "closing");
    return settlesWithin(this.deps.clock, CLOSE_WAIT_MS, closing);
  }

  /** Sets what live rooms do at an edit. Throws HotroomError: `application_unavailable`. */
  setPolicy(name: string, policy: ReloadPolicy): void {
    this.#running(name, "set the reload policy of").versions.setPolicy(policy);
    this.#reports.policy(this.#entryFor(name), policy);
  }

  /**
   * Goes back to a kept version, without one to that which was live before. Rejects with HotroomError:
   * `application_unavailable`, `version_not_found`.
   */
  goBack(name: string, wanted?: string): Promise<ReloadResult & { target: string }> {
    return this.#ask(name, "roll back", (application, entry) => entry.goBack(application, wanted));
  }

  /**
   * Tries a kept version, or without one the newest build, on copies of the live rooms. Rejects with HotroomError:
   * `application_unavailable`, `version_not_found`, and BuildError.
   */
  rehearse(name: string, wanted?: string): Promise<RehearsalReport> {
    return this.#ask(name, "rehearse", (application, entry) => entry.rehearse(application, wanted));
  }

  #running(name: string, doing: string): Application {
    const application = this.find(name);
    if (application) return application;
    const why = this.#entries.has(name) ? "it has no version that works" : "there is no such application";
    throw new HotroomError("application_unavailable", `Cannot ${doing} "${name}": ${why}.`);
  }

  /** Does what an admin asks for, in its turn; unlike an edit's, its failure is the admin's to hear. */
  #ask<T>(
    name: string,
    doing: string,
    task: (application: Application, entry: ApplicationEntry) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      void this.#tasks.add(name, async () => {
        try {
          const application = this.#running(name, doing);
          resolve(await task(application, this.#entryFor(name)));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Returns the entry of that name, a new one where there is none. */
  #entryFor(name: string): ApplicationEntry {
    const known = this.#entries.get(name);
    if (known) return known;
    const entry = new ApplicationEntry(name, this.#entryDeps);
    this.#entries.set(name, entry);
    return entry;
  }
}
