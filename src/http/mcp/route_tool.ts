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

  /** Returns the request that a call with these arguments makes, to where the API is mounted at `/`. */
  request(given: Readonly<Record<string, unknown>>): Request {
    const { path, query, body } = this.#places;
    const at = path.reduce(
      (text, name) => text.replace(`{${name}}`, encodeURIComponent(String(given[name] ?? ""))),
      this.route.path,
    );
    const url = new URL(at, "http://localhost");
    for (const name of query) if (given[name] !== undefined) url.searchParams.set(name, String(given[name]));
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

/** Returns the tools of those routes that answer at once with JSON or text, and that `mayEdit` allows: without it those that only look. */
export function toolsOf(routes: readonly Route[], mayEdit: boolean): RouteTool[] {
  return routes
    .filter(({ answer }) => answer !== "text/event-stream")
    .filter(({ scope, method }) => mayEdit || (scope === "read" && method === "get"))
    .map((each) => new RouteTool(each));
}
