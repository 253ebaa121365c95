import { isDurable } from "../durable/durable_state.ts";
import type { EarlyLoads } from "../edit/early_loads.ts";
import type { EditReports } from "../edit/edit_reports.ts";
import { BuildError, HotroomError } from "../errors.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import type { Build, Version } from "../ports/build.ts";
import { ApplicationComeback } from "../restore/application_comeback.ts";
import type { VersionNumbers } from "../restore/version_numbers.ts";
import { type RehearsalReport, summaryOf } from "../version/rehearsal_report.ts";
import { rehearse } from "../version/rehearse.ts";
import { goBack, type ReloadResult, reload, rollBack } from "../version/reload.ts";
import { hasFailed, type KeptVersion, rolledBackBecause } from "../version/versions.ts";
import { Application } from "./application.ts";
import { leaveAtOnce } from "./close_application.ts";

/** Quarantined contents that are remembered of one application. */
const MAX_QUARANTINED = 100;

/** What the applications of one server share, whether or not they run. */
export interface EntryDeps {
  readonly extensions: ExtensionDeps;
  readonly reports: EditReports;
  readonly loads: EarlyLoads;
  readonly numbers: VersionNumbers;
  /** Resolves when what is kept can be read again; undefined where it can be. */
  readonly restarting: () => Promise<void> | undefined;
  /** Does something about an application once all that was to be done before is done. */
  readonly inTurn: (name: string, task: () => Promise<void>) => Promise<void>;
}

/**
 * All that is known of one application by name, whether or not a version of it runs, and what its edits do to it. Whoever calls
 * it sees to it that one thing is done after another.
 */
export class ApplicationEntry {
  application: Application | undefined;
  /** What is wrong with the newest edit. */
  error: BuildError | undefined;
  /** The newest build, live or not. */
  newest: Build | undefined;
  /** What the last rehearsal found. */
  rehearsal: RehearsalReport | undefined;
  /** Content hashes that are not loaded again, with the names that they had. */
  readonly quarantined = new Map<string, string>();

  constructor(
    readonly name: string,
    private readonly deps: EntryDeps,
  ) {}

  /** Has a draft loaded: where `update` follows with it, nobody waits for that. */
  expect(draft: Build): void {
    const running = this.application?.version.build;
    if (!running || running.hash === draft.hash || this.quarantined.has(draft.hash)) return;
    this.deps.loads.begin(this.deps.numbers.numbered(draft, running));
  }

  /** Takes a new build: the application starts, or moves to it. Never rejects. */
  async update(build: Build): Promise<void> {
    try {
      await this.#comeBack();
    } catch (error) {
      // What is kept is not to be lost: nothing else takes its place.
      return this.deps.reports.failed(this, BuildError.of(error), build.version);
    }
    await this.#take(this.deps.numbers.numbered(build, this.application?.version.build));
  }

  /** Takes an edit that could not be built; what runs goes on. Never rejects. */
  async broken(error: BuildError): Promise<void> {
    const back = this.#comeBack().then(() => this.#moveOn());
    await back.catch((failure) => this.deps.reports.failed(this, BuildError.of(failure)));
    this.deps.reports.failed(this, error);
  }

  /** Ends what runs at once; it is to come back by what is kept of it. */
  leave(): void {
    const { application } = this;
    if (!application) return;
    this.application = undefined;
    leaveAtOnce(application, this.deps.extensions.scripts);
  }

  /** Brings the application up again, and moves it to the newest build where that is another one. */
  async goOn(): Promise<void> {
    const { newest } = this;
    if (this.application) return;
    await this.#comeBack();
    if (newest) await this.#take(newest);
  }

  /** Goes back to a kept version, without one to that which was live before. Rejects with HotroomError: `version_not_found`. */
  async goBack(application: Application, wanted?: string): Promise<ReloadResult & { target: string }> {
    const { reports, extensions } = this.deps;
    const target = targetOf(application, wanted);
    const { build } = target.version;
    // Whoever asks for it knows why it was quarantined.
    this.quarantined.delete(build.hash);
    application.keeping.note();
    const { clock } = extensions;
    const [started, from] = [clock.monotonic(), application.version.build.version];
    const result = await goBack(application, target, extensions);
    application.unloadUnused();
    reports.byHand(build, from, result, clock.monotonic() - started);
    return { ...result, target: build.version };
  }

  /** Tries a kept version, or without one the newest build, on copies of the live rooms. Rejects with BuildError, and HotroomError: `version_not_found`. */
  async rehearse(application: Application, wanted?: string): Promise<RehearsalReport> {
    const { scripts } = this.deps.extensions;
    const { newest } = this;
    const kept =
      wanted === undefined
        ? application.versions.all().find(({ version }) => version.build === newest)
        : application.versions.find(wanted);
    const version = kept?.version ?? (await scripts.load(newest as Build));
    try {
      return await this.#rehearse(application, version);
    } finally {
      if (!kept) scripts.unload(version);
      application.unloadUnused();
    }
  }

  async #take(build: Build): Promise<void> {
    const { reports, loads, extensions } = this.deps;
    try {
      if (this.application && this.#isRunning(build, this.application.version.build))
        return await this.#moveOn();
      reports.saved(this.newest, build);
      this.newest = build;
      const bad = this.quarantined.get(build.hash);
      if (bad !== undefined)
        throw new BuildError(`This content is quarantined: ${bad} failed and was rolled back.`);
      const kept = this.application?.versions.named(build.version)?.version;
      const version = kept ?? (await loads.load(build));
      this.newest = version.build;
      if (isDurable(version)) await extensions.durable?.open();
      await this.#comeBack();
      if (this.application) await this.#reload(this.application, version);
      else await this.#start(version);
      this.error = undefined;
    } catch (error) {
      reports.failed(this, BuildError.of(error), build.version);
    }
  }

  /** Returns true if a build has the content of the version that runs, which then goes on: somebody has taken an edit back. */
  #isRunning(build: Build, running: Build): boolean {
    if (build.hash !== running.hash) return false;
    // As at a start, where nobody has edited anything.
    const isEdit = this.newest?.hash !== running.hash || this.error !== undefined;
    this.newest = running;
    this.error = undefined;
    this.quarantined.delete(running.hash);
    this.application?.keeping.note();
    if (isEdit) this.deps.reports.unchanged(running);
    return true;
  }

  async #start(version: Version): Promise<void> {
    const application = this.#make(version, false);
    await application.ready;
    await Promise.allSettled(Array.from(application.rooms.values(), (room) => room.ready));
    this.deps.reports.started(this);
  }

  #make(version: Version, isKept: boolean): Application {
    const failing = (...failed: [kept: KeptVersion, room: string, reason: string]) =>
      this.#failing(...failed);
    const application = new Application(this.name, version, this.deps.extensions, failing, isKept);
    application.quarantined = this.quarantined;
    this.application = application;
    return application;
  }

  /** Starts an application, of which something is kept and that does not run, by the version that it had; what fails is told. */
  async #comeBack(): Promise<void> {
    const { reports, numbers, extensions } = this.deps;
    const { durable, clock } = extensions;
    await this.deps.restarting();
    if (this.application || !durable) return;
    const started = clock.monotonic();
    const comeback = await ApplicationComeback.of(this.name, durable, extensions);
    if (!comeback) return;
    const { live, state } = comeback;
    for (const [hash, version] of state.quarantined) this.quarantined.set(hash, version);
    numbers.goOn(this.name, state.lastVersion);
    const application = this.#make(live, true);
    comeback.begin(application);
    this.newest = live.build;
    await application.ready;
    reports.back(this, application, clock.monotonic() - started);
  }

  /** Has the rooms go on moving to the version that runs, where the server's end has cut that off. Rejects as `#reload`. */
  async #moveOn(): Promise<void> {
    const { application } = this;
    if (application?.versions.live.isMoving) await this.#reload(application, application.version);
  }

  /** Throws BuildError where the version does not stay. */
  async #reload(application: Application, version: Version): Promise<void> {
    const { reports, extensions } = this.deps;
    const { clock, scripts } = extensions;
    const { build } = version;
    const started = clock.monotonic();
    const from = application.version.build.version;
    const isPinned = application.versions.policyOf(version) === "pin";
    const isLive = application.version === version;
    if (!isLive && build.settings.rehearse && application.versions.policyOf(version) === "swap") {
      const report = await this.#rehearse(application, version);
      if (report.failed > 0) {
        scripts.unload(version);
        throw new BuildError(`The rehearsal failed: ${summaryOf(report)}`);
      }
    }
    const result = await reload(application, version, extensions);
    // It has come up again meanwhile: that it was closed is no fault of the version.
    if (this.application !== application) return;
    if (result.rolledBack) this.#quarantine(build);
    application.unloadUnused();
    if (!result.rolledBack) {
      reports.live(build, from, result, clock.monotonic() - started, isPinned);
      void this.#lookAtFirstStates(version);
      return;
    }
    const error = rolledBackBecause(result.failed);
    reports.rolledBack(build, application.version.build.version, error);
    throw error;
  }

  /** Tells of it where a version that has come by an edit opens no new rooms; nobody waits for that. */
  async #lookAtFirstStates(version: Version): Promise<void> {
    const { reports, extensions } = this.deps;
    const fault = await extensions.scripts.firstStateFault(version);
    if (fault && this.application?.version === version) reports.noFirstState(version.build, fault);
  }

  /** Leaves a version once first events have failed in it too often. */
  #failing(kept: KeptVersion, room: string, reason: string): void {
    const { reports, extensions } = this.deps;
    reports.roomRolledBack(kept.version.build, room, reason);
    if (!kept.onProbation || !hasFailed(kept)) return;
    void this.deps.inTurn(this.name, async () => {
      const { application } = this;
      // A reload that was under way has seen to it, or another version has come.
      if (application?.versions.live !== kept || !kept.onProbation || application.state !== "running") return;
      const { build } = kept.version;
      const { failed } = await rollBack(application, kept, extensions);
      this.#quarantine(build);
      application.unloadUnused();
      const error = rolledBackBecause(failed);
      reports.rolledBack(build, application.version.build.version, error);
      reports.failed(this, error, build.version);
    });
  }

  async #rehearse(application: Application, version: Version): Promise<RehearsalReport> {
    const report = await rehearse(application, version, this.deps.extensions.clock.now());
    this.rehearsal = report;
    this.deps.reports.rehearsed(report);
    return report;
  }

  /** Has a content not loaded again, whose version was rolled back; of many the oldest is forgotten. */
  #quarantine({ hash, version }: Build): void {
    this.quarantined.set(hash, version);
    const [oldest] = this.quarantined.keys();
    if (this.quarantined.size > MAX_QUARANTINED && oldest !== undefined) this.quarantined.delete(oldest);
    this.application?.keeping.note();
  }
}

/** Returns the version to go back to, without a wish the one that was live before. Throws HotroomError: `version_not_found`. */
function targetOf({ name, versions }: Application, wanted: string | undefined): KeptVersion {
  if (wanted !== undefined) return versions.find(wanted);
  const { earlier } = versions.live;
  const before = earlier && versions.named(earlier.build.version);
  if (before) return before;
  throw new HotroomError("version_not_found", `Cannot roll back "${name}": no version before is kept.`);
}
