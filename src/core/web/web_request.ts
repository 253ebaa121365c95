import { textOfBytes } from "../../protocol/bytes.ts";
import type { ScriptEvent } from "../ports/event.ts";

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
  readonly body?: string | Uint8Array;
}

/** Returns the event of a request. */
export function eventOf({ body, ...head }: WebRequest): ScriptEvent & { kind: "request" } {
  const request = JSON.stringify(head);
  if (body === undefined) return { kind: "request", request };
  return {
    kind: "request",
    request,
    body: typeof body === "string" ? JSON.stringify(body) : textOfBytes(body),
  };
}
