/** What an application is asked by HTTP, and what it answers. */

/** A request at `/apps/<application>/…` that no page answers. */
export interface HttpRequest {
  /** `GET`, `POST` and so on. */
  readonly method: string;
  /** What stands behind the application in the address, as it came: `/made`, and `%20` for a space. */
  readonly path: string;
  /** Behind the `?`, by name: a text, or a list of them where a name is there several times. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** By name in lower case. Several of one name are one text, with commas between. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The body: a `Uint8Array` where it came as `application/octet-stream`, else a text; undefined where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: which of them it is follows from what clients send
  readonly body?: any;
  /** IP address of who asks: the proxy's, where there is one that the server was not told to trust (`--trust-proxy`). */
  readonly address: string;
}

/**
 * An answer in full. A result of a handler that has none of these keys is JSON, and the body; so a result of JSON that has one
 * of them goes into `body`.
 */
export interface HttpAnswer {
  /** 200 to 599; 200 without it. */
  status?: number;
  /** By name; a list for a header that is there several times, as `set-cookie`. */
  headers?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  /** A text, a `Uint8Array`, else JSON. Without a header `content-type` the server says which. */
  body?: unknown;
}
