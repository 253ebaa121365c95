import { HotroomError } from "../../core/errors.ts";
import { isObject } from "../../protocol/json_object.ts";
import type { Route } from "../api/route.ts";
import { schemaOf } from "../api/json_schema.ts";

/** What a tool is called with: properties by name, as JSON Schema. */
export interface ToolInput {
  readonly type: "object";
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

/** Where each property of a tool's input goes in the request that it makes. */
interface Places {
  readonly path: readonly string[];
  readonly query: readonly string[];
  /** Undefined where the body is the property `body` as it is. */
  readonly body: readonly string[] | undefined;
}

type ObjectSchema = { properties?: Record<string, object>; required?: string[]; type?: string };

/** A route of the API as a tool: its path, its query and its body are one object. */
export class RouteTool {
  readonly input: ToolInput;
  readonly #places: Places;

  constructor(readonly route: Route) {
    const path = Array.from(route.path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
    const query: ObjectSchema = route.query ? schemaOf(route.query) : {};
    const body: ObjectSchema | undefined = route.body && schemaOf(route.body);
    const isFlat =
      body?.properties !== undefined && !Object.keys(body.properties).some((key) => path.includes(key));
    const properties: Record<string, object> = {};
    for (const name of path) properties[name] = { type: "string" };
    Object.assign(properties, query.properties, isFlat ? body?.properties : body && { body });
    this.input = {
      type: "object",
      properties,
      required: [
        ...path,
        ...(query.required ?? []),
        ...(isFlat ? (body?.required ?? []) : body ? ["body"] : []),
      ],
    };
    this.#places = {
      path,
      query: Object.keys(query.properties ?? {}),
      body: isFlat ? Object.keys(body?.properties ?? {}) : undefined,
    };
  }

  get name(): string {
    return this.route.id;
  }

  /**
   * Returns the request that a call with these arguments makes, to where the API is mounted at `/`. Throws HotroomError `bad_arguments`:
   * they come as whoever calls has written them, checked by nobody.
   */
  request(given: unknown): Request {
    if (!isObject(given)) throw bad("they are no object");
    const { path, query, body } = this.#places;
    const at = path.reduce(
      (text, name) => text.replace(`{${name}}`, segmentOf(name, given[name])),
      this.route.path,
    );
    const url = new URL(at, "http://localhost");
    for (const name of query)
      if (given[name] !== undefined) url.searchParams.set(name, plainText(name, given[name]));
    const method = this.route.method.toUpperCase();
    if (!this.route.body) return new Request(url, { method });
    const sent = body
      ? Object.fromEntries(body.filter((key) => key in given).map((key) => [key, given[key]]))
      : given.body;
    return new Request(url, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(sent ?? {}),
    });
  }
}

/** Returns a value as one segment of a path: `.` and `..` would lead to another route. */
function segmentOf(name: string, value: unknown): string {
  const text = plainText(name, value);
  if (text === "" || text === "." || text === "..") throw bad(`${name} can't be ${JSON.stringify(text)}`);
  return encodeURIComponent(text);
}

function plainText(name: string, value: unknown): string {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  const text = isPlain ? String(value) : undefined;
  if (!text?.isWellFormed()) throw bad(`${name} must be a text or a number`);
  return text;
}

function bad(why: string): HotroomError {
  return new HotroomError("bad_arguments", `Cannot call with these arguments: ${why}.`);
}

/** Returns the tools of those routes that answer at once with JSON or text, and that `mayEdit` allows: without it those that only look. */
export function toolsOf(routes: readonly Route[], mayEdit: boolean): RouteTool[] {
  return routes
    .filter(({ answer }) => answer !== "text/event-stream")
    .filter(({ scope, method }) => mayEdit || (scope === "read" && method === "get"))
    .map((each) => new RouteTool(each));
}
