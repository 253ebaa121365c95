import type { JsonText } from "./event.ts";

/** What a script wants to ask of another server. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | undefined;
  /** How long all of it may take, ms. */
  readonly timeout: number;
}

/** Why there is no response. */
export type FetchProblem = "not_allowed" | "timeout" | "too_large" | "unreachable" | "busy";

/** What became of a request. */
export interface FetchAnswer {
  /** JSON as scripts are given it, but for the body: `{ status, headers }`, or `{ error: { code, message } }`. */
  readonly response: JsonText;
  /** Text of the body; absent where there is no response. */
  readonly body?: string;
  /** Whether anybody was asked. */
  readonly wasSent: boolean;
}

/** Asks other servers; implemented by `fetch/`. */
export interface Fetcher {
  /** Asks what is under one of the prefixes `allowed`, and ends at once with `signal`. Never rejects. */
  fetch(request: FetchRequest, allowed: readonly string[], signal: AbortSignal): Promise<FetchAnswer>;
}

/** Returns the answer to a request that came to nothing; `message` is for the script's author. */
export function unanswered(code: FetchProblem, message: string, wasSent = false): FetchAnswer {
  return { response: JSON.stringify({ error: { code, message } }), wasSent };
}
