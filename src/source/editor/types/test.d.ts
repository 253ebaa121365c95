// biome-ignore-all lint/suspicious/noExplicitAny: what scripts send is anything, and tests may read it without ceremony
/**
 * What `import { test, expect, open } from "hotroom/test"` gives to files of tests, as `match.test.ts` beside `match.ts`; they are
 * run by `hotroom test`, each test in a sandbox of its own.
 */

import type { FetchError } from "./fetch.d.ts";

/** Defines a test. It fails where it throws, or rejects, or an expectation is not met. */
export declare function test(name: string, run: () => unknown): void;

/** Says what is expected of a value. */
export declare function expect(received: unknown): Expectation;

/**
 * Opens a stage: an application by itself, with users and a time of its own. It is closed when the test ends. Rejects where the
 * application can't be loaded.
 */
export declare function open(application: string, options?: StageOptions): Promise<Stage>;

/** What a stage is opened with. */
export interface StageOptions {
  /** A room that is there from the beginning, and stays. */
  room?: string;
  /** Its type; needed where the application has several. */
  type?: string;
  /** What scripts read as `app.config`; keys that are not given are those of the application's own settings. */
  config?: unknown;
  /** What scripts read as `app.env`, of variables that the setting `env` names; those that are not given are those of the process. */
  env?: Record<string, string>;
  /**
   * What other servers answer to `room.fetch` and `app.fetch`, by the URL or `POST https://example.com/`: nobody is asked. What is not
   * there, or not listed by the application's settings, is answered with an error.
   */
  fetch?: Record<string, FetchAnswer>;
}

/** What another server answers in a test. */
export interface FetchAnswer {
  /** 200 without it. */
  status?: number;
  headers?: Record<string, string>;
  /** A text, or what is sent as JSON. */
  body?: unknown;
  /** How long it takes, ms. */
  after?: number;
  /** Why there is no answer. */
  error?: FetchError;
}

/** An application on a server that has nothing else. Everything resolves when nothing happens any more. */
export interface Stage {
  /** Logs a user in; `data` goes to the `login` handler with the name. Rejects where that says no. */
  user(name: string, data?: Record<string, unknown>): Promise<User>;
  /** Lets time pass, in ms: timers, ticks and graces fall due in their order. By itself no time passes. */
  advance(ms: number): Promise<void>;
  /**
   * Changes files, by their path in the application's folder, as if they had been saved; null removes one. The rooms move. Rejects
   * with the place where the new version can't be built or loaded, or where it was rolled back.
   */
  edit(files: Record<string, string | null>): Promise<void>;
  /** Asks the application by HTTP, as below `/apps/<application>`: what `events.request` answers. `path` begins with `/`. */
  request(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer>;
  /** Resolves with a copy of the state of a room; without a name of the application itself. */
  state(room?: string): Promise<any>;
}

/** What an application answers by HTTP. */
export interface Answer {
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the body says, where its type says that it is JSON. */
  readonly json?: any;
}

/** Somebody who is logged in. What is refused rejects with an error that has `code` and maybe `data`. */
export interface User {
  readonly id: string;
  readonly name: string;
  /** All that the user was sent but for replies, in order: the frames of docs/PROTOCOL.md without `seq`. */
  readonly received: readonly Received[];
  /** Joins a room; `data` goes to the `join` handler. */
  join(room: string, data?: unknown): Promise<Member>;
  /** Makes a room, where clients may. */
  create(room: string, data?: Record<string, unknown>): Promise<void>;
  /** Sends a message to the application itself. */
  send(type: string, data?: unknown): Promise<void>;
  /** Sends a message to the application itself; resolves with the reply's data. */
  request(type: string, data?: unknown): Promise<any>;
  /** Resolves with the data of the first message of a type, of the application itself, that `next` has not told of yet. */
  next(type: string): Promise<any>;
  /** Loses the connection: the user is away. */
  drop(): Promise<void>;
  /** Comes back; resolves with `outcome` and more, as the reply to `reconnect` has it. */
  resume(): Promise<any>;
  /** Leaves for good. */
  logout(): Promise<void>;
}

/** A user in a room. */
export interface Member {
  readonly room: string;
  /** All that the user was sent of the room but for replies, in order. */
  readonly received: readonly Received[];
  /** Sends a message. */
  send(type: string, data?: unknown): Promise<void>;
  /** Sends a message; resolves with the reply's data. */
  request(type: string, data?: unknown): Promise<any>;
  /** Resolves with the data of the first message of a type that `next` has not told of yet; rejects where none comes. */
  next(type: string): Promise<any>;
  /** Leaves the room. */
  leave(): Promise<void>;
}

/** What somebody was sent: a message, with `type` and `data`, or who came and went. */
export interface Received {
  readonly event: string;
  readonly room?: string;
  readonly type?: string;
  readonly data?: any;
  readonly user?: { readonly id: string; readonly name: string };
  readonly [key: string]: any;
}

/** What can be expected of a value. */
export interface Expectation {
  /** It is the same value. */
  toBe(expected: unknown): void;
  /** It has the same content. */
  toEqual(expected: unknown): void;
  /** It has what is expected; objects may have more. */
  toMatchObject(expected: unknown): void;
  /** The text, or the list, contains that. */
  toContain(expected: unknown): void;
  /**
   * The function throws, or the promise rejects: with a text in its message, with that code, by a pattern, of a class, or with what
   * an object has. Of a promise the result is one, too.
   */
  toThrow(expected?: unknown): Promise<void>;
  /** Expects the opposite. */
  readonly not: Omit<Expectation, "not">;
}
