import type { JsonText } from "../ports/event.ts";

/** Headers, or parts of a query, by name: a text, or several where there are several of that name. */
export type Texts = Readonly<Record<string, string | readonly string[]>>;

/** What somebody asks of an application by HTTP, as its script is given it. */
export interface WebRequest {
  readonly method: string;
  /** Behind the application's own: begins with `/`. */
  readonly path: string;
  readonly query: Texts;
  /** Names are in lower case. */
  readonly headers: Texts;
  readonly address: string;
  readonly body?: string;
}

/** Returns a request as its event has it. */
export function textOf(request: WebRequest): JsonText {
  return JSON.stringify(request);
}
