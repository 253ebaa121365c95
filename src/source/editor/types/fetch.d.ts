// biome-ignore-all lint/suspicious/noExplicitAny: what other servers say is anything, and scripts may read it without ceremony
/** What scripts ask of other servers, and what they hear. */

/** What to send with a request. */
export interface FetchOptions {
  /** `GET` without it. */
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** Headers by name. Those that say how the request travels (`host`, `content-length`, `via` …) are the server's own. */
  headers?: Record<string, string>;
  /** A text, as of `JSON.stringify`. */
  body?: string;
  /** How long all of it may take, ms: 1 to 60000, without it 10000. */
  timeout?: number;
}

/** What became of a request: a response, or an error; the other's members are undefined. */
export type FetchResponse =
  | {
      readonly status: number;
      /** By name, in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** The body as text; of at most 1 MB. */
      readonly body: string;
      /** What the body says, where its type says that it is JSON, and it is. */
      readonly json?: any;
      readonly error?: undefined;
    }
  | {
      readonly error: FetchError;
      readonly status?: undefined;
      readonly headers?: undefined;
      readonly body?: undefined;
      readonly json?: undefined;
    };

/** Why there is no response. */
export interface FetchError {
  /**
   * `not_allowed`: the URL, or where it leads, is not listed; `timeout`; `too_large`: more than 1 MB; `unreachable`: whatever else went
   * wrong; `busy`: too many fetches of the application wait.
   */
  readonly code: "not_allowed" | "timeout" | "too_large" | "unreachable" | "busy";
  /** For the author. */
  readonly message: string;
}
