import type { Application } from "../../core/application/application.ts";
import { BuildError, HotroomError } from "../../core/errors.ts";
import * as v from "valibot";
import { type Settings, settingsSchema } from "../../core/application/settings.ts";
import type { JwtSettings } from "../../core/auth/auth_settings.ts";
import { isObject } from "../../protocol/json_object.ts";
import { checkRoomOptions } from "../../core/room/room_options.ts";
import type { Build } from "../../core/ports/build.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Sources } from "../../source/read/sources.ts";
import type { TestedApplication, Edits } from "../sources/tested_application.ts";
import { ADDRESS, type ServerFrame, StageClient } from "./stage_client.ts";
import { StageServer, type StageServerDeps } from "./stage_server.ts";
import { type StubAnswer, StubFetcher } from "./stub_fetcher.ts";

/** What a stage is opened with besides its application. */
export interface StageOptions {
  /** A room that is there from the beginning, and stays. */
  readonly room?: string | undefined;
  /** Its type; needed where there are several. */
  readonly type?: string | undefined;
  /** What scripts read as `app.config`; an object's keys are those of the application's settings, but for these. */
  readonly config?: unknown;
  /** What scripts read as `app.env`, of the variables that the application's settings name; others are those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What other servers answer, by `POST https://example.com/` or the URL alone. */
  readonly fetch?: Readonly<Record<string, StubAnswer>> | undefined;
}

/** What an application answers by HTTP. */
export interface WebResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the body says, where its type says that it is JSON. */
  readonly json?: unknown;
}

/** What a stage is made with. */
export type StageDeps = Omit<StageServerDeps, "fetcher">;

/** One application by itself, on a server that has nothing else. */
export class Stage {
  readonly #server: StageServer;
  #sources: Sources | undefined;
  /** What was wrong with an edit, and has been told. */
  #told: BuildError | undefined;

  constructor(
    private readonly source: TestedApplication,
    private readonly options: StageOptions,
    deps: StageDeps,
  ) {
    // That it runs is nothing new to whoever has opened it.
    const log: Log = (level, text, fields) => {
      if (text !== "Application started.") deps.log(level, text, fields);
    };
    const fetcher = new StubFetcher(options.fetch ?? {}, deps.clock);
    this.#server = new StageServer({ ...deps, log, fetcher });
  }

  /** Starts the application. Rejects with BuildError or HotroomError. */
  async open(): Promise<void> {
    const { room, type } = this.options;
    await this.#take(await this.source.sources());
    if (room === undefined || this.#application.rooms.has(room)) return;
    const options = checkRoomOptions({ type, keep: true }, (asked) => this.#application.typeOf(asked));
    const made = this.#application.createRoom(room, options);
    await this.#quiet();
    if (this.#application.rooms.get(room) !== made)
      throw new HotroomError("room_not_found", `Cannot make room "${room}": it has closed at once.`);
  }

  /** Returns a new client. */
  client(hear: (frame: ServerFrame, size: number) => void): StageClient {
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

  /** Resolves with what the application answers by HTTP; `path` begins with `/`. */
  async request(path: string, init: RequestInit): Promise<WebResponse> {
    // Not what leads to another application.
    const { pathname, search } = new URL(path.replace(/^\/*/, "/"), "http://stage");
    const url = `http://stage/apps/${encodeURIComponent(this.source.found.name)}${pathname}${search}`;
    const response = await this.#server.http.fetch(new Request(url, init), { remote: ADDRESS });
    const body = await response.text();
    await this.#quiet();
    const headers = Object.fromEntries(response.headers);
    const isJson = /^application\/json\b/.test(headers["content-type"] ?? "");
    return { status: response.status, headers, body, ...(isJson && { json: JSON.parse(body) }) };
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
    return (await extension.copies.rehearse(version)).before;
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
    const settings = this.#set(keyless(build.settings));
    await this.#server.applications.update({ ...build, settings, ...this.#variables(settings) });
    await this.#quiet();
  }

  /** Returns settings with the configuration of the stage. Throws BuildError where it can't be one. */
  #set(settings: Settings): Settings {
    const { config: given } = this.options;
    if (given === undefined) return settings;
    const both = isObject(settings.config) && isObject(given);
    const config = both ? Object.assign({}, settings.config, given) : given;
    const result = v.safeParse(settingsSchema.entries.config, config);
    if (!result.success) throw new BuildError(`Cannot set the configuration: ${result.issues[0].message}`);
    return { ...settings, config: result.output };
  }

  /** Returns the variables of the stage. Throws BuildError where the settings do not name one. */
  #variables(settings: Settings): Pick<Build, "variables"> {
    const { env: variables } = this.options;
    if (!variables) return {};
    const unknown = Object.keys(variables).find((name) => !settings.env.includes(name));
    if (unknown === undefined) return { variables };
    throw new BuildError(
      `Cannot set the variable ${JSON.stringify(unknown)}: the setting "env" does not name it.`,
    );
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

/** Returns settings without the secret that tokens are signed with: those of a test are not signed, and its variable need not be set. */
function keyless(settings: Settings): Settings {
  const { secret, ...jwt } = settings.auth?.jwt ?? {};
  return secret === undefined ? settings : { ...settings, auth: { jwt: jwt as JwtSettings } };
}
