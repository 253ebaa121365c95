import { isListed } from "../../core/fetch/url_prefix.ts";
import type { Clock } from "../../core/ports/clock.ts";
import {
  type FetchAnswer,
  type Fetcher,
  type FetchProblem,
  type FetchRequest,
  unanswered,
} from "../../core/ports/fetcher.ts";

/** What another server answers in a test. */
export interface StubAnswer {
  /** 200 where it is absent. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A text, or what is sent as JSON. */
  readonly body?: unknown;
  /** How long it takes, ms. */
  readonly after?: number | undefined;
  /** Why there is no answer. */
  readonly error?: { readonly code: FetchProblem; readonly message: string } | undefined;
}

/** Answers fetches from a table, by `POST https://example.com/` or the URL alone; nobody is asked. */
export class StubFetcher implements Fetcher {
  readonly #answers: ReadonlyMap<string, StubAnswer>;

  constructor(
    answers: Readonly<Record<string, StubAnswer>>,
    private readonly clock: Clock,
  ) {
    this.#answers = new Map(Object.entries(answers).map(([key, answer]) => [normal(key), answer]));
  }

  async fetch(
    { url, method, timeout }: FetchRequest,
    allowed: readonly string[],
    signal: AbortSignal,
  ): Promise<FetchAnswer> {
    if (!URL.canParse(url)) return unanswered("not_allowed", "The URL can't be read.");
    const { href, origin } = new URL(url);
    if (!isListed(new URL(url), allowed))
      return unanswered("not_allowed", `${origin} is not listed with that path (setting fetch).`);
    const answer = this.#answers.get(`${method} ${href}`) ?? this.#answers.get(href);
    if (!answer) return unanswered("unreachable", `The test has no answer to ${method} ${href}.`);
    const { status = 200, after = 0, body, error } = answer;
    await this.#passed(Math.min(after, timeout), signal);
    if (after >= timeout) return unanswered("timeout", `No answer came within ${timeout} ms.`, true);
    if (error) return unanswered(error.code, error.message, true);
    const isText = body === undefined || typeof body === "string";
    const headers = {
      "content-type": isText ? "text/plain" : "application/json",
      ...lowered(answer.headers),
    };
    const text = isText ? (body ?? "") : JSON.stringify(body);
    return { response: JSON.stringify({ status, headers }), body: text, wasSent: true };
  }

  /** Resolves when time has passed, ms, or nobody waits any more. */
  #passed(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (ms === 0 || signal.aborted) return resolve();
      const cancel = this.clock.after(ms, resolve);
      const end = () => {
        cancel();
        resolve();
      };
      signal.addEventListener("abort", end, { once: true });
    });
  }
}

/** Returns a key with its URL as it is asked for. */
function normal(key: string): string {
  const [, method = "", url = ""] = /^((?:[A-Z]+ )?)(.*)$/s.exec(key) ?? [];
  return method + (URL.canParse(url) ? new URL(url).href : url);
}

/** Returns headers with their names as scripts read them. */
function lowered(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
