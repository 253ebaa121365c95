import { BuildError, HotroomError, messageOf } from "../core/errors.ts";
import { systemClock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import { settlesWithin } from "../core/settles_within.ts";
import type { TestedApplications } from "./sources/tested_applications.ts";
import type { BusyScripts } from "./stage/busy_scripts.ts";
import { requestOf, type TestFailure, type TestRequest } from "./requests.ts";
import { Stage } from "./stage/stage.ts";
import { Bytes, type ServerFrame, type StageClient } from "./stage/stage_client.ts";
import { type TestScript, TestScriptError } from "./test_script.ts";
import type { VirtualClock } from "./stage/virtual_clock.ts";

/** How long one test may go on, ms. */
const MOST_MS = 30_000;
/** How long its stages may take to close, ms. */
const CLOSING_MS = 5000;
/** What one test may ask for, and the stages and users that it may have. */
const MOST_REQUESTS = 100_000;
const MOST_STAGES = 20;
const MOST_USERS = 2000;
/** How often in a row its code may do nothing when it is told that nothing happens any more. */
const MOST_STUCK = 100;
/** Frames that its users may get. */
const MOST_FRAMES = 100_000;
/** Frames that are told with one answer. */
const MOST_AT_ONCE = 20_000;
/** How long these may be together, bytes or UTF-16 units. */
const MOST_UNITS_AT_ONCE = 16 * 1024 * 1024;

/** What a test runs with. */
export interface TestRunDeps {
  readonly sources: TestedApplications;
  readonly scripts: BusyScripts;
  readonly clock: VirtualClock;
  readonly log: Log;
}

/** One run of one test: what its code asks for is done in its order, each thing until nothing happens any more. */
export class TestRun {
  readonly #stages = new Map<number, Stage>();
  readonly #users = new Map<number, StageClient>();
  /** What users have got and the test was not told of yet. */
  #frames: [user: number, frame: ServerFrame][] = [];
  #units = 0;
  #framesLeft = MOST_FRAMES;
  #requestsLeft = MOST_REQUESTS;
  readonly #end = performance.now() + MOST_MS;

  constructor(
    private readonly script: TestScript,
    private readonly deps: TestRunDeps,
  ) {}

  /** Runs the test of that index; resolves with why it has failed, undefined where it has passed. Rejects with TestScriptError. */
  async run(index: number): Promise<TestFailure | undefined> {
    try {
      const asked = this.#asked(await this.script.ask("run", index));
      for (let stuck = 0; stuck < MOST_STUCK; ) {
        const request = asked.shift();
        if (request && "kind" in request && request.kind === "done") return request.failure;
        const answer = request && (await this.#answer(request));
        stuck = answer ? 0 : stuck + 1;
        asked.push(...this.#asked(await this.script.ask(answer ? "answer" : "stuck", answer)));
      }
      throw new TestScriptError("The test does nothing any more, and does not end.");
    } finally {
      await this.#close();
    }
  }

  #asked(value: unknown): ReturnType<typeof requestOf>[] {
    this.#checkTime();
    const list = Array.isArray(value) ? value : [];
    this.#requestsLeft -= list.length;
    if (this.#requestsLeft < 0)
      throw new TestScriptError(`The test has asked for more than ${MOST_REQUESTS} things.`);
    return list.map(requestOf);
  }

  /** Does what is asked for; resolves with what the test's code is told. */
  async #answer(request: ReturnType<typeof requestOf>) {
    const { id } = request as { id: number };
    try {
      if ("problem" in request) throw new HotroomError("invalid_data", request.problem);
      const value = await this.#do(request);
      const isBinary = value instanceof Bytes;
      return { id, isBinary, ...(value !== undefined && { value }), ...this.#newFrames() };
    } catch (error) {
      if (error instanceof TestScriptError) throw error;
      const { code, data } = error as HotroomError;
      const failure = {
        message: error instanceof BuildError ? error.toString() : messageOf(error),
        ...(typeof code === "string" && { code }),
        ...(typeof data === "string" && { data: JSON.parse(data) }),
      };
      return { id, failure, ...this.#newFrames() };
    }
  }

  async #do(request: TestRequest): Promise<unknown> {
    switch (request.kind) {
      case "open":
        return await this.#open(request);
      case "user":
        return await this.#login(request);
      case "advance":
        return await this.#stage(request.stage).advance(request.ms);
      case "edit":
        return await this.#stage(request.stage).edit(request.files);
      case "http":
        return await this.#stage(request.stage).request(request.path, definedOf(request.options));
      case "state":
        return await this.#stage(request.stage).state(request.room);
      case "request":
        return await this.#user(request.user).request(request.frame);
      case "drop":
        return await this.#user(request.user).drop();
      case "resume":
        return await this.#user(request.user).resume();
    }
    return undefined;
  }

  async #open({ stage: number, application, options }: TestRequest & { kind: "open" }): Promise<void> {
    const { sources, clock, scripts, log } = this.deps;
    const source = sources.find(application);
    if (!source) throw sources.missing(application);
    if (this.#stages.size >= MOST_STAGES)
      throw new Error(`Cannot open a stage: a test may have ${MOST_STAGES}.`);
    const stage = new Stage(source, options, { clock, scripts, log, checkTime: () => this.#checkTime() });
    this.#stages.set(number, stage);
    await stage.open();
  }

  async #login({ stage, user, name, data }: TestRequest & { kind: "user" }): Promise<unknown> {
    if (this.#users.size >= MOST_USERS)
      throw new Error(`Cannot log in: a test may have ${MOST_USERS} users.`);
    const client = this.#stage(stage).client((frame, size) => {
      this.#units += size;
      if (--this.#framesLeft >= 0 && this.#units <= MOST_UNITS_AT_ONCE) this.#frames.push([user, frame]);
    });
    this.#users.set(user, client);
    return await client.login({ name, ...data });
  }

  #stage(number: number): Stage {
    const stage = this.#stages.get(number);
    if (!stage) throw new Error("Cannot use the stage: it is of another test.");
    return stage;
  }

  #user(number: number): StageClient {
    const user = this.#users.get(number);
    if (!user) throw new Error("Cannot use the user: it is of another test.");
    return user;
  }

  #newFrames(): { frames?: [number, ServerFrame][] } {
    const isMuch = this.#frames.length > MOST_AT_ONCE || this.#units > MOST_UNITS_AT_ONCE;
    if (isMuch || this.#framesLeft < 0) {
      const most = `${MOST_AT_ONCE} frames or 16 MiB at once, or ${MOST_FRAMES} frames in all`;
      throw new TestScriptError(`The users were sent more than ${most}.`);
    }
    const frames = this.#frames;
    this.#frames = [];
    this.#units = 0;
    return frames.length === 0 ? {} : { frames };
  }

  #checkTime(): void {
    if (performance.now() > this.#end)
      throw new TestScriptError(`The test took longer than ${MOST_MS / 1000} s.`);
  }

  async #close(): Promise<void> {
    const closing = Promise.all(Array.from(this.#stages.values(), (stage) => stage.close()));
    // What does not end by then holds on to time that does not pass: it is let go of.
    await settlesWithin(systemClock, CLOSING_MS, closing);
  }
}

/** Returns the options of a request without those that are not given. */
function definedOf(options: {
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
}): RequestInit {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
