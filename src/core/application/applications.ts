import { Application } from "./application.ts";
import { leaveAtOnce } from "./close_application.ts";
import { type Entry, isRunning, quarantine, targetOf } from "./application_entry.ts";
import type { ReloadPolicy } from "../version/policy_override.ts";
import { BuildError, HotroomError, messageOf } from "../errors.ts";
import { isDurable } from "../durable/durable_state.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import { OneByOne } from "../limit/one_by_one.ts";
import type { Build, Version } from "../ports/build.ts";
import { ApplicationComeback } from "../restore/application_comeback.ts";
import { VersionNumbers } from "../restore/version_numbers.ts";
import { settlesWithin } from "../settles_within.ts";
import { EarlyLoads } from "../edit/early_loads.ts";
import type { EditFeed } from "../edit/edit_feed.ts";
import { EditReports } from "../edit/edit_reports.ts";
import { type RehearsalReport, summaryOf } from "../version/rehearsal_report.ts";
import { rehearse } from "../version/rehearse.ts";
import { goBack, type ReloadResult, reload, rollBack } from "../version/reload.ts";
import { hasFailed, type KeptVersion, rolledBackBecause } from "../version/versions.ts";

/** How long whoever has a room closed waits for it, ms. */
const CLOSE_WAIT_MS = 5000;

/** All applications of a server. It is told what the folder watcher finds, and what admins ask for. */
export class Applications {
  readonly #entries = new Map<string, Entry>();
  readonly #tasks: OneByOne;
  readonly #numbers = new VersionNumbers();
  readonly #reports: EditReports;
  readonly #loads: EarlyLoads;
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
  }

  /** Returns the running application of that name; undefined where no version of it runs. */
  find(name: string): Application | undefined {
    return this.#entries.get(name)?.application;
  }

  /** Returns everything that was found in the folder, sorted by name. */
  all(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Returns what was found in the folder by that name. */
  entry(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Takes a new build: the application starts, or moves to it. Resolves when that is done or has failed; never rejects. */
  update(build: Build): Promise<void> {
    return this.#tasks.add(build.application, () => this.#update(this.#entryFor(build.application), build));
  }

  /** Has a build of files loaded that may be half written still: where `update` follows with it, nobody waits for that. */
  expect(build: Build): void {
    const entry = this.#entries.get(build.application);
    const running = entry?.application?.version.build;
    if (!running || this.#isClosing || running.hash === build.hash) return;
    if (!entry.quarantined.has(build.hash)) this.#loads.begin(this.#numbers.numbered(build, running));
  }

  /** Takes an edit that could not be built; what runs goes on. */
  broken(name: string, error: BuildError): Promise<void> {
    return this.#tasks.add(name, async () => {
      const entry = this.#entryFor(name);
      const back = this.#comeBack(entry).then(() => this.#moveOn(entry));
      await back.catch((failure) => this.#reports.failed(entry, BuildError.of(failure)));
      this.#reports.failed(entry, error);
    });
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
    const { durable, log, scripts } = this.deps;
    if (!durable || this.#restarting || this.#isClosing) return;
    log("error", `What is kept has to be read again: ${messageOf(error)}`);
    const entries = this.all().filter(({ application }) => application?.durable);
    for (const entry of entries) leaveAtOnce(entry, scripts);
    this.#restarting = durable.openAgain(() => this.#isClosing);
    await this.#restarting;
    this.#restarting = undefined;
    await Promise.all(entries.map((entry) => this.#tasks.add(entry.name, () => this.#goOn(entry))));
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
    this.#running(name, "set the reload policy of").setPolicy(policy);
    this.#reports.policy(this.#entryFor(name), policy);
  }

  /**
   * Goes back to a kept version, without one to that which was live before. Rejects with HotroomError:
   * `application_unavailable`, `version_not_found`.
   */
  goBack(name: string, wanted?: string): Promise<ReloadResult & { target: string }> {
    return this.#ask(name, "roll back", async (application, entry) => {
      const target = targetOf(application, wanted);
      const { build } = target.version;
      // Whoever asks for it knows why it was quarantined.
      entry.quarantined.delete(build.hash);
      application.keeping.note();
      const { clock } = this.deps;
      const [started, from] = [clock.monotonic(), application.version.build.version];
      const result = await goBack(application, target, this.deps);
      application.unloadUnused();
      this.#reports.byHand(build, from, result, clock.monotonic() - started);
      return { ...result, target: build.version };
    });
  }

  /**
   * Tries a kept version, or without one the newest build, on copies of the live rooms. Rejects with HotroomError:
   * `application_unavailable`, `version_not_found`, and BuildError.
   */
  rehearse(name: string, wanted?: string): Promise<RehearsalReport> {
    return this.#ask(name, "rehearse", async (application, entry) => {
      const { newest } = entry;
      const kept =
        wanted === undefined
          ? application.versions.all().find(({ version }) => version.build === newest)
          : application.versions.find(wanted);
      const version = kept?.version ?? (await this.deps.scripts.load(newest as Build));
      try {
        return await this.#rehearse(entry, application, version);
      } finally {
        if (!kept) this.deps.scripts.unload(version);
        application.unloadUnused();
      }
    });
  }

  async #update(entry: Entry, build: Build): Promise<void> {
    try {
      await this.#comeBack(entry);
    } catch (error) {
      // What is kept is not to be lost: nothing else takes its place.
      return this.#reports.failed(entry, BuildError.of(error), build.version);
    }
    await this.#take(entry, this.#numbers.numbered(build, entry.application?.version.build));
  }

  async #take(entry: Entry, build: Build): Promise<void> {
    try {
      if (isRunning(entry, build, (running) => this.#reports.unchanged(running)))
        return await this.#moveOn(entry);
      this.#reports.saved(entry.newest, build);
      entry.newest = build;
      const bad = entry.quarantined.get(build.hash);
      if (bad !== undefined)
        throw new BuildError(`This content is quarantined: ${bad} failed and was rolled back.`);
      const kept = entry.application?.versions.named(build.version)?.version;
      const version = kept ?? (await this.#loads.load(build));
      entry.newest = version.build;
      if (isDurable(version)) await this.deps.durable?.open();
      await this.#comeBack(entry);
      if (entry.application) await this.#reload(entry, entry.application, version);
      else await this.#start(entry, version);
      entry.error = undefined;
    } catch (error) {
      this.#reports.failed(entry, BuildError.of(error), build.version);
    }
  }

  async #start(entry: Entry, version: Version): Promise<void> {
    const application = this.#make(entry, version, false);
    await application.ready;
    await Promise.allSettled(Array.from(application.rooms.values(), (room) => room.ready));
    this.#reports.started(entry);
  }

  #make(entry: Entry, version: Version, isKept: boolean): Application {
    const failing = (...failed: [kept: KeptVersion, room: string, reason: string]) =>
      this.#failing(entry, ...failed);
    const application = new Application(entry.name, version, this.deps, failing, isKept);
    application.quarantined = entry.quarantined;
    entry.application = application;
    return application;
  }

  /** Starts an application, of which something is kept and that does not run, by the version that it had; what fails is told. */
  async #comeBack(entry: Entry): Promise<void> {
    const { durable } = this.deps;
    await this.#restarting;
    if (entry.application || !durable) return;
    const started = this.deps.clock.monotonic();
    const comeback = await ApplicationComeback.of(entry.name, durable, this.deps);
    if (!comeback) return;
    const { live, state } = comeback;
    for (const [hash, version] of state.quarantined) entry.quarantined.set(hash, version);
    this.#numbers.goOn(entry.name, state.lastVersion);
    const application = this.#make(entry, live, true);
    comeback.begin(application);
    entry.newest = live.build;
    await application.ready;
    this.#reports.back(entry, application, this.deps.clock.monotonic() - started);
  }

  /** Brings an application up again, and moves it to the newest build where that is another one. */
  async #goOn(entry: Entry): Promise<void> {
    const { newest } = entry;
    if (this.#entries.get(entry.name) !== entry || entry.application) return;
    await this.#comeBack(entry);
    if (newest) await this.#take(entry, newest);
  }

  /** Has the rooms go on moving to the version that runs, where the server's end has cut that off. Rejects as `#reload`. */
  async #moveOn(entry: Entry): Promise<void> {
    const { application } = entry;
    if (application?.versions.live.isMoving) await this.#reload(entry, application, application.version);
  }

  /** Throws BuildError where the version does not stay. */
  async #reload(entry: Entry, application: Application, version: Version): Promise<void> {
    const { clock } = this.deps;
    const { build } = version;
    const started = clock.monotonic();
    const from = application.version.build.version;
    const isPinned = application.policyOf(version) === "pin";
    const isLive = application.version === version;
    if (!isLive && build.settings.rehearse && application.policyOf(version) === "swap") {
      const report = await this.#rehearse(entry, application, version);
      if (report.failed > 0) {
        this.deps.scripts.unload(version);
        throw new BuildError(`The rehearsal failed: ${summaryOf(report)}`);
      }
    }
    const result = await reload(application, version, this.deps);
    // It has come up again meanwhile: that it was closed is no fault of the version.
    if (entry.application !== application) return;
    if (result.rolledBack) quarantine(entry, build);
    application.unloadUnused();
    if (!result.rolledBack)
      return this.#reports.live(build, from, result, clock.monotonic() - started, isPinned);
    const error = rolledBackBecause(result.failed);
    this.#reports.rolledBack(build, application.version.build.version, error);
    throw error;
  }

  /** Leaves a version once first events have failed in it too often. */
  #failing(entry: Entry, kept: KeptVersion, room: string, reason: string): void {
    this.#reports.roomRolledBack(kept.version.build, room, reason);
    if (!kept.onProbation || !hasFailed(kept)) return;
    void this.#tasks.add(entry.name, async () => {
      const { application } = entry;
      // A reload that was under way has seen to it, or another version has come.
      if (application?.versions.live !== kept || !kept.onProbation || application.state !== "running") return;
      const { build } = kept.version;
      const { failed } = await rollBack(application, kept, this.deps);
      quarantine(entry, build);
      application.unloadUnused();
      const error = rolledBackBecause(failed);
      this.#reports.rolledBack(build, application.version.build.version, error);
      this.#reports.failed(entry, error, build.version);
    });
  }

  async #rehearse(entry: Entry, application: Application, version: Version): Promise<RehearsalReport> {
    const report = await rehearse(application, version, this.deps.clock.now());
    entry.rehearsal = report;
    this.#reports.rehearsed(report);
    return report;
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
    task: (application: Application, entry: Entry) => Promise<T>,
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
  #entryFor(name: string): Entry {
    const known = this.#entries.get(name);
    if (known) return known;
    const entry = { name, quarantined: new Map() };
    this.#entries.set(name, entry);
    return entry;
  }
}
