import type { Application } from "../../core/application/application.ts";
import { BuildError, HotroomError } from "../../core/errors.ts";
import * as v from "valibot";
import { type Settings, settingsSchema } from "../../core/application/settings.ts";
import { isObject } from "../../protocol/json_object.ts";
import { checkRoomOptions } from "../../core/room/room_options.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Sources } from "../../source/read/sources.ts";
import type { ApplicationSource, Edits } from "./application_source.ts";
import type { BusyScripts } from "./busy_scripts.ts";
import { type ServerFrame, StageClient } from "./stage_client.ts";
import { StageServer } from "./stage_server.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What a stage is opened with besides its application. */
export interface StageOptions {
  /** A room that is there from the beginning, and stays. */
  readonly room?: string | undefined;
  /** Its type; needed where there are several. */
  readonly type?: string | undefined;
  /** What scripts read as `app.config`; an object's keys are those of the application's settings, but for these. */
  readonly config?: unknown;
}

/** What a stage is made with. */
export interface StageDeps {
  readonly clock: VirtualClock;
  readonly scripts: BusyScripts;
  readonly log: Log;
  /** Throws where the test has gone on for too long. */
  readonly checkTime: () => void;
}

/** One application by itself, on a server that has nothing else. */
export class Stage {
  readonly #server: StageServer;
  #sources: Sources | undefined;
  #config: unknown;
  /** What was wrong with an edit, and has been told. */
  #told: BuildError | undefined;

  constructor(
    private readonly source: ApplicationSource,
    deps: StageDeps,
  ) {
    // That it runs is nothing new to whoever has opened it.
    const log: Log = (level, text, fields) => {
      if (text !== "Application started.") deps.log(level, text, fields);
    };
    this.#server = new StageServer(deps.clock, deps.scripts, log, deps.checkTime);
  }

  /** Starts the application. Rejects with BuildError or HotroomError. */
  async open({ room, type, config }: StageOptions): Promise<void> {
    this.#config = config;
    await this.#take(await this.source.sources());
    if (room === undefined || this.#application.rooms.has(room)) return;
    const options = checkRoomOptions({ type, keep: true }, (asked) => this.#application.typeOf(asked));
    const made = this.#application.createRoom(room, options);
    await this.#quiet();
    if (this.#application.rooms.get(room) !== made)
      throw new HotroomError("room_not_found", `Cannot make room "${room}": it has closed at once.`);
  }

  /** Returns a new client. */
  client(hear: (frame: ServerFrame) => void): StageClient {
    return new StageClient(
      this.#server.connections,
      () => this.#application,
      () => this.#quiet(),
      hear,
    );
  }

  /** Lets time pass, ms. */
  async advance(ms: number): Promise<void> {
    await this.#server.pass(ms);
    this.#checkEdits();
  }

  /** Takes an edit; resolves when the rooms have moved. Rejects with BuildError. */
  async edit(edits: Edits): Promise<void> {
    await this.#take(await this.source.edited(await this.#current, edits));
  }

  /** Resolves with the state of a room, or of the application itself where it is null. Rejects with HotroomError. */
  async state(room: string | null): Promise<unknown> {
    const application = this.#application;
    const extension = room === null ? application.extension : application.rooms.get(room)?.extension;
    if (!extension) {
      const what = room === null ? "it has no app.ts" : `there is no room "${room}"`;
      throw new HotroomError("room_not_found", `Cannot tell the state: ${what}.`);
    }
    const version = application.versions.named(extension.version)?.version ?? application.version;
    // What a rehearsal begins with is the state between two events, copied.
    return (await extension.rehearse(version)).before;
  }

  /** Ends all of it. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  get #application(): Application {
    const { name } = this.source.found;
    const application = this.#server.applications.find(name);
    if (application) return application;
    throw new HotroomError("application_unavailable", `Application "${name}" does not run.`);
  }

  get #current(): Promise<Sources> {
    return this.#sources ? Promise.resolve(this.#sources) : this.source.sources();
  }

  async #take(sources: Sources): Promise<void> {
    this.#sources = sources;
    const build = await this.source.build(sources);
    await this.#server.applications.update({ ...build, settings: this.#set(build.settings) });
    await this.#quiet();
  }

  /** Returns settings with the configuration of the stage. Throws BuildError where it can't be one. */
  #set(settings: Settings): Settings {
    if (this.#config === undefined) return settings;
    const both = isObject(settings.config) && isObject(this.#config);
    const config = both ? Object.assign({}, settings.config, this.#config) : this.#config;
    const result = v.safeParse(settingsSchema.entries.config, config);
    if (!result.success) throw new BuildError(`Cannot set the configuration: ${result.issues[0].message}`);
    return { ...settings, config: result.output };
  }

  async #quiet(): Promise<void> {
    await this.#server.quiet();
    this.#checkEdits();
  }

  /** Throws what is wrong with the newest version, once: that it can't be loaded, or that it was left. */
  #checkEdits(): void {
    const error = this.#server.applications.entry(this.source.found.name)?.error;
    if (error === this.#told) return;
    this.#told = error;
    if (error) throw error;
  }
}
