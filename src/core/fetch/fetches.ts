import type { DurablePlace } from "../durable/durable_place.ts";
import type { Version } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { Effect } from "../ports/effect.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import {
  type FetchAnswer,
  type Fetcher,
  type FetchProblem,
  type FetchRequest,
  unanswered,
} from "../ports/fetcher.ts";
import type { FetchQueue } from "./fetch_queue.ts";

/** What distinguishes fetches among what is pending. */
const PREFIX = "fetch ";

/** A fetch as a script asks for it. */
type FetchEffect = Extract<Effect, { kind: "fetch" }>;
/** The answer as a script hears it. */
type FetchedEvent = Extract<ScriptEvent, { kind: "fetched" }>;

/** What is kept of a fetch: to whom the answer goes, and nothing of what is sent, which may hold secrets. */
interface KeptFetch {
  readonly name: string;
  readonly data?: JsonText;
}

/** A fetch that is not answered yet. */
interface Live extends KeptFetch {
  readonly abort: AbortController;
  readonly bytes: number;
  /** Ends that it waits. */
  leave(): void;
}

/** What asks for the fetches of all extensions. */
export interface FetchesDeps {
  readonly clock: Clock;
  /** Absent where nobody can be asked. */
  readonly fetcher?: Fetcher;
}

/**
 * The fetches of one extension that are not answered yet. They live in the server, so they outlive edits and script hosts. A durable
 * one is sent once it is kept that it is, so never twice; where the server ends before the answer came, the script is told so.
 */
export class Fetches {
  readonly #live = new Map<number, Live>();
  #lastId = 0;
  #isClosed = false;

  /** `answered` has the script hear an answer; `place` returns where they are kept, where the extension is durable. */
  constructor(
    private readonly queue: FetchQueue,
    private readonly deps: FetchesDeps,
    private readonly answered: (event: FetchedEvent) => void,
    private readonly place: () => DurablePlace | undefined,
  ) {}

  /** Asks what a script wants asked; `version` is the one that wants it, `hops` how many emits and the like led to it. */
  ask(effect: FetchEffect, version: Version | undefined, hops: number): void {
    if (this.#isClosed) return;
    const { fetcher } = this.deps;
    const id = ++this.#lastId;
    const bytes = bytesOf(effect);
    const fits = this.queue.budget.take(bytes);
    const { name, data } = effect;
    const live: Live = {
      name,
      abort: new AbortController(),
      bytes: fits ? bytes : 0,
      leave() {},
      ...(data !== undefined && { data }),
    };
    this.#live.set(id, live);
    const answer = (given: FetchAnswer) => this.#answer(id, given, hops);
    const fail = (code: FetchProblem, why: string) => answer(unanswered(code, why));
    if (!fetcher) return fail("unreachable", "This server asks nobody.");
    if (!fits) return fail("busy", "The application's fetches hold more than they may (limits.held).");
    // One that was kept before there was the setting has none.
    const allowed = version?.build.settings.fetch ?? [];
    const begin = this.#wait(effect, live, fail, async (request) => {
      answer(await fetcher.fetch(request, allowed, live.abort.signal));
    });
    const add = () => {
      if (this.#live.has(id) && !this.queue.add(begin))
        fail("busy", "Too many fetches of the application wait.");
    };
    const place = this.place();
    if (!place) return add();
    this.#keep(id, live);
    place.application.after({
      settled: (isSaved) => {
        if (isSaved) add();
        else fail("unreachable", "It could not be kept, and so was not sent.");
      },
    });
  }

  /** Begins the time that a fetch may take, its wait for others included; returns what sends it with the rest of that. */
  #wait(
    { url, method, headers, body, timeout }: FetchEffect,
    live: Live,
    fail: (code: FetchProblem, why: string) => void,
    send: (request: FetchRequest) => Promise<void>,
  ): () => Promise<void> {
    const { clock } = this.deps;
    const end = clock.monotonic() + timeout;
    const cancel = clock.after(timeout, () => {
      fail("timeout", `It has waited for others for ${timeout} ms.`);
    });
    const begin = () => {
      cancel();
      return send({ url, method, headers, body, timeout: Math.max(1, end - clock.monotonic()) });
    };
    live.leave = () => {
      cancel();
      this.queue.remove(begin);
    };
    return begin;
  }

  /** Answers what was under way when the server ended: nobody knows how far it had come. `items` are what is pending. */
  restore(items: ReadonlyMap<string, JsonText>): void {
    const keys = [...items.keys()].filter((key) => key.startsWith(PREFIX));
    const ids = keys.map((key) => Number(key.slice(PREFIX.length)));
    this.#lastId = Math.max(this.#lastId, ...ids);
    const message = "The server was restarted before the answer came; the request may have been carried out.";
    for (const id of ids.sort((a, b) => a - b)) {
      const kept: KeptFetch = JSON.parse(items.get(PREFIX + id) ?? "");
      this.#live.set(id, { ...kept, abort: new AbortController(), bytes: 0, leave() {} });
      queueMicrotask(() => this.#answer(id, unanswered("unreachable", message), 0));
    }
  }

  /** Keeps none any more; they go on. */
  forgetKept(): void {
    for (const id of this.#live.keys()) this.place()?.delete("pending", PREFIX + id);
  }

  /** Keeps all from now on. */
  keepAll(): void {
    for (const [id, live] of this.#live) this.#keep(id, live);
  }

  /** Ends all; nobody hears an answer. */
  close(): void {
    this.#isClosed = true;
    this.forgetKept();
    for (const id of [...this.#live.keys()]) this.#forget(id)?.abort.abort();
  }

  #keep(id: number, { name, data }: Live): void {
    const kept: KeptFetch = { name, ...(data !== undefined && { data }) };
    this.place()?.put("pending", PREFIX + id, JSON.stringify(kept));
  }

  #answer(id: number, { response, body, wasSent }: FetchAnswer, hops: number): void {
    const live = this.#forget(id);
    if (!live) return;
    const { name, data } = live;
    this.place()?.delete("pending", PREFIX + id);
    // What another server says is a cause from outside.
    const led = wasSent ? {} : { hops };
    const given = { ...(body !== undefined && { body }), ...(data !== undefined && { data }) };
    this.answered({ kind: "fetched", name, response, ...given, ...led });
  }

  #forget(id: number): Live | undefined {
    const live = this.#live.get(id);
    if (!live) return undefined;
    this.#live.delete(id);
    live.leave();
    this.queue.budget.give(live.bytes);
    return live;
  }
}

/** Returns what counts as held of a fetch while it is not answered, UTF-16 units. */
function bytesOf({ url, headers, body = "", data = "" }: FetchEffect): number {
  return url.length + body.length + data.length + headers.flat().join("").length;
}
