import { PerApplication } from "../../core/application/per_application.ts";
import { cpuTimeMs, systemClock } from "../../core/ports/clock.ts";
import { DeliveryCount } from "../../core/delivery_count.ts";
import type { Build, Version } from "../../core/ports/build.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { MemoryShortage } from "../../core/ports/memory_shortage.ts";
import type {
  FirstStateFault,
  GivenUp,
  HostView,
  SandboxesView,
  Scripts,
  ShareView,
} from "../../core/ports/scripts.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Script, Subject } from "../../core/ports/script.ts";
import type { ScriptJournal } from "../../core/ports/script_journal.ts";
import { AllEventTimes } from "../../core/trace/event_times.ts";
import { settlesWithin } from "../../core/settles_within.ts";
import { MemoryCount } from "./memory/memory_count.ts";
import { CpuRate } from "./share/cpu_rate.ts";
import { OutcomeQueue } from "./share/outcome_queue.ts";
import { ConfinedHost } from "./host/confined_host.ts";
import { Confinement } from "./host/confinement.ts";
import { Host } from "./host/host.ts";
import { checkEnvironment, unsetVariables } from "./process/environment.ts";
import { hostEnvironment, spawnCommand } from "./process/spawn_command.ts";
import type { StartHost } from "./process/host_link.ts";
import { HostProcess } from "./process/host_process.ts";
import { Proofs } from "./durable/proofs.ts";
import { SavedAnswers } from "./durable/saved_answers.ts";
import { AllScripts } from "./recovery/application_scripts.ts";
import { RecoveryQueue } from "./recovery/recovery_queue.ts";
import { FirstStates } from "./rehearsal/first_states.ts";
import { newSeed } from "../wire/batch/seed.ts";
import { LiveScript } from "./live/live_script.ts";
import { Validation } from "./sandbox/validation.ts";
import type { LoadedVersion } from "./sandbox/loaded_version.ts";
import { Placement } from "./host/placement.ts";

/** What script hosts are started with. */
export interface ScriptHostsOptions {
  /** How many script hosts; at least one. */
  readonly hosts: number;
  readonly log: Log;
  readonly clock?: Clock;
  /** What is given to sockets; without it nothing is. */
  readonly deliveries?: DeliveryCount;
  /** Counts how long events take; without it nobody asks. */
  readonly eventTimes?: AllEventTimes;
  /** Returns the CPU time that this process has used for its sockets and its scripts' outcomes, ms; without it all of its own. */
  readonly cpu?: () => number;
  /** Program and arguments of a script host; without it this same program. */
  readonly command?: readonly string[];
  /** Starts a script host in another way than as a process of this program; then none is spare. */
  readonly start?: StartHost | undefined;
  /** Whether one more process is kept ready, which takes the place of one that has died, and validates new builds. */
  readonly spare?: boolean;
  /** Whether the server is for who edits: then variables that are not set are told at an edit, and not of all that there is at the start. */
  readonly dev?: boolean;
  /** What the sandboxes of a host may take together, bytes; without it there is no limit. */
  readonly hostMemory?: number | undefined;
  readonly times?: Partial<SupervisionTimes>;
  /** Returns what chance of a script follows from; without it that is drawn anew. */
  readonly newSeed?: () => string;
}

/** Times of the supervision, ms. */
export interface SupervisionTimes {
  /** A process that is not ready after this long is killed. */
  readonly startTimeout: number;
  /** So long after the first script the spare host starts: before that the machine has more urgent things to do. */
  readonly spareDelay: number;
  /** At `stop`, a process that has not ended after this long is killed. */
  readonly endTimeout: number;
}

/** How long `stop` takes at most where nobody says it, ms. */
const STOP_MS = 6000;

const defaultTimes: SupervisionTimes = {
  startTimeout: 15_000,
  spareDelay: 1000,
  endTimeout: 1000,
};

/** The script hosts of a server: implements the core's port `Scripts`. */
export class ScriptHosts implements Scripts {
  readonly #hosts: readonly Host[];
  /** Makes the spare host; undefined if it was made, or there is to be none. */
  #startSpare: (() => void) | undefined;
  #spare: Host | undefined;
  #cancelSpare = () => {};
  readonly #confinement: Confinement;
  readonly #apart: ConfinedHost;
  readonly #placement: Placement;
  readonly #proofs: Proofs;
  readonly #firstStates: FirstStates;
  readonly #scripts = new Set<LiveScript>();
  readonly #allScripts: AllScripts;
  /** Variables that are not set and that the log has told of, so that each edit does not tell it again. */
  readonly #unset = new PerApplication(() => ({ names: [] as string[] }));
  readonly #recoveries = new PerApplication(() => new RecoveryQueue());
  readonly #outcomes: OutcomeQueue;
  /** Answers of durable scripts that come through. */
  readonly #saved = new PerApplication((application) => new SavedAnswers(this.#outcomes, { application }));
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isDev: boolean;
  readonly #eventTimes: AllEventTimes;
  readonly #newSeed: () => string;
  readonly #times: SupervisionTimes;
  #stopping: Promise<GivenUp> | undefined;

  /** Starts the host processes. */
  constructor(options: ScriptHostsOptions) {
    const { log, clock = systemClock, command } = options;
    this.#clock = clock;
    this.#log = log;
    this.#isDev = options.dev ?? false;
    this.#eventTimes = options.eventTimes ?? new AllEventTimes();
    this.#newSeed = options.newSeed ?? newSeed;
    this.#times = { ...defaultTimes, ...options.times };
    const startNew = options.start ?? processStarter(command, log);
    const start: StartHost = (id, listener) => this.#spare?.surrender(id, listener) ?? startNew(id, listener);
    const cpuRates = new PerApplication(() => new CpuRate(clock));
    const { deliveries = new DeliveryCount() } = options;
    this.#outcomes = new OutcomeQueue({
      deliveries,
      cpu: options.cpu ?? (() => cpuTimeMs(process.cpuUsage())),
      now: () => performance.now(),
    });
    const { startTimeout } = this.#times;
    this.#confinement = new Confinement(clock, log, (application) => this.#moveOut(application));
    const deps = {
      start,
      clock,
      log,
      cpuRates,
      outcomes: this.#outcomes,
      startTimeout,
      memory: new PerApplication(() => new MemoryCount()),
      mostMemory: options.hostMemory,
      // In this same process nobody can be apart.
      ...(options.start ? {} : { confinement: this.#confinement }),
    };
    this.#hosts = Array.from({ length: Math.max(1, options.hosts) }, (_, index) => new Host(index + 1, deps));
    const id = this.#hosts.length + 1;
    this.#apart = new ConfinedHost(
      clock,
      this.#times.endTimeout,
      (emptied) => new Host(id + 1, deps, emptied),
    );
    if (options.spare && !options.start) {
      this.#startSpare = () => {
        this.#spare = new Host(id, { ...deps, start: startNew });
      };
    }
    this.#placement = new Placement(this.#hosts, this.#confinement, this.#apart);
    this.#proofs = new Proofs({ placement: this.#placement, clock, log });
    this.#firstStates = new FirstStates({
      // In this same process none is, nor for what must be on a host apart.
      isPossible: (application) =>
        !options.start && !this.#stopping && !this.#confinement.isConfined(application),
      free: () => this.#emptyHost(),
      hasSpare: options.spare === true,
      nextId: () => this.#placement.nextId(),
      clock,
    });
    this.#allScripts = new AllScripts(this.#hosts.length);
  }

  /**
   * Loads a build on the spare host, where its top level delays nothing else, or on the host with the least work. Rejects with
   * BuildError, or with HotroomError if no host can be started.
   */
  async load(build: Build): Promise<Version> {
    checkEnvironment(build);
    const level = this.#isDev && build.version.startsWith("v1·") ? "debug" : "info";
    const { application, version } = build;
    const told = this.#unset.of(application);
    const unset = unsetVariables(build);
    for (const name of unset.filter((one) => !told.names.includes(one)))
      this.#log(level, `The setting "env" names ${name}, which is not set.`, { application, version });
    if (level === "info") told.names = unset;
    const spare = this.#spare?.isUp ? this.#spare : undefined;
    return new Promise((resolve, reject) => {
      const loaded = (version: LoadedVersion) => {
        spare?.unload(version);
        resolve(version);
      };
      const host = spare ?? this.#placement.idlest(build.application);
      host.load(new Validation(this.#placement.nextId(), build, loaded, reject));
    });
  }

  open(version: Version, subject: Subject, journal?: ScriptJournal): Script {
    const { application } = subject;
    const times = this.#eventTimes.open(application);
    const script = new LiveScript(version as LoadedVersion, subject, {
      placement: this.#placement,
      pace: this.#outcomes,
      saved: this.#saved.of(application),
      proofs: this.#proofs,
      clock: this.#clock,
      log: this.#log,
      newSeed: this.#newSeed,
      scripts: this.#allScripts.of(application),
      recoveries: this.#recoveries.of(application),
      journal,
      times,
      ended: (ended) => {
        if (this.#scripts.delete(ended)) this.#eventTimes.close(application, times);
      },
    });
    this.#scripts.add(script);
    if (this.#startSpare && !this.#stopping) {
      this.#cancelSpare = this.#clock.after(this.#times.spareDelay, this.#startSpare);
      this.#startSpare = undefined;
    }
    return script;
  }

  firstStateFault(version: Version): Promise<FirstStateFault | undefined> {
    return this.#firstStates.faultOf(version as LoadedVersion);
  }

  shortage(version: Version): MemoryShortage | undefined {
    return this.#placement.shortage(version as LoadedVersion);
  }

  unload(version: Version): void {
    this.#placement.unload(version);
  }

  hosts(): readonly HostView[] {
    const views = this.#hosts.map(({ view }) => view);
    if (this.#spare) views.push({ ...this.#spare.view, spare: true });
    const apart = this.#apart.running;
    if (apart) views.push({ ...apart.view, confined: true });
    return views;
  }

  sandboxes(application: string): SandboxesView {
    const apart = this.#apart.running;
    const hosts = apart ? [...this.#hosts, apart] : this.#hosts;
    const views = hosts.map((host) => host.sandboxes.view(application));
    const count = views.reduce((sum, view) => sum + view.count, 0);
    return { count, memory: views.reduce((sum, view) => sum + view.memory, 0) };
  }

  share(application: string): ShareView {
    return {
      delivery: Math.round(this.#outcomes.of(application).used * 1000) / 1000,
      confined: this.#confinement.isConfined(application),
    };
  }

  stop(ms = STOP_MS): Promise<GivenUp> {
    this.#stopping ??= this.#stop(ms);
    return this.#stopping;
  }

  async #stop(ms: number): Promise<GivenUp> {
    const end = this.#clock.monotonic() + ms;
    const grace = Math.min(this.#times.endTimeout, ms / 2);
    const drained = Promise.all([...this.#scripts].map((script) => script.drained()));
    await settlesWithin(this.#clock, ms - grace, drained);
    this.#cancelSpare();
    this.#confinement.stop();
    let events = 0;
    for (const script of [...this.#scripts]) {
      events += script.view.waiting;
      // There may be a million events, and no time left to answer them.
      if (this.#clock.monotonic() < end) script.abandon("the server is stopping");
    }
    const spare = this.#spare ? [this.#spare] : [];
    this.#spare = undefined;
    const stopped = [...this.#hosts, ...spare].map((host) => host.stop(grace));
    const killed = await Promise.all([...stopped, this.#apart.stop(grace)]);
    return { events, hosts: killed.filter(Boolean).length };
  }

  /** Returns a host that runs no script, the spare one before others. */
  #emptyHost(): Host | undefined {
    const spare = this.#spare ? [this.#spare] : [];
    return [...spare, ...this.#hosts].find(({ isUp, scripts }) => isUp && scripts === 0);
  }

  /** Has the scripts of an application go to the hosts where they may be from now on. */
  #moveOut(application: string): void {
    for (const host of this.#hosts) host.moveOut(application);
    this.#apart.running?.moveOut(application);
  }
}

/** Returns what starts script hosts as processes: of `command`, or of this same program. */
function processStarter(command: readonly string[] | undefined, log: Log): StartHost {
  const how = command ? { command, env: hostEnvironment(process.env) } : spawnCommand();
  return (id, listener) => new HostProcess(how, id, listener, log);
}
