import * as v from "valibot";
import { schemaOf } from "./json_schema.ts";
import { type Route, route } from "./route.ts";
import { problemAnswer } from "./schemas/words.ts";

const REQUIRES_TOKEN = "token";
/** Statuses that any route may have, with what they mean. */
const anywhere = { 401: "The token is missing or wrong.", 403: "Whoever asks may not do this." };
const meanings: Readonly<Record<string, string>> = {
  400: "The request is not understood, or the script refused it.",
  404: "There is no such thing.",
  408: "The body does not come.",
  409: "It can't be done as things are.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  422: "The version can't be built.",
  500: "The script, or the server, failed.",
  503: "It can't be done now.",
  504: "It took too long.",
};
const parameters: Readonly<Record<string, string>> = {
  application: "Name of the application.",
  room: "Name of the room.",
  user: "Id of the user, or its name.",
  seq: "Number of the event.",
};

/** Returns the route that tells of `routes`, and of itself, as an OpenAPI document. */
export function openApiRoute(version: string, routes: readonly Route[]): Route {
  let document: object | undefined;
  const own = route({
    id: "openapi",
    method: "get",
    path: "/openapi.json",
    scope: undefined,
    summary: "This document.",
    doing: "tell of the API",
    answer: v.record(v.string(), v.unknown()),
    statuses: { 200: "An OpenAPI document." },
    handle: () => {
      document ??= openApiOf(version, [...routes, own]);
      return document as Record<string, unknown>;
    },
  });
  return own;
}

/** Returns the OpenAPI document of routes, from the schemas that their requests are checked by. */
export function openApiOf(version: string, routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const each of routes) {
    const path = `/api${each.path}`;
    paths[path] ??= {};
    (paths[path] as Record<string, object>)[each.method] = operationOf(each);
  }
  return {
    openapi: "3.1.0",
    info: { title: "hotroom", version, description: "Runs and operates the rooms of a hotroom server." },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemAnswer) },
      securitySchemes: {
        [REQUIRES_TOKEN]: {
          type: "http",
          scheme: "bearer",
          description: "A token of the server; none where it has none and is asked from its own machine.",
        },
      },
    },
  };
}

function operationOf({
  id,
  path,
  scope,
  summary,
  query,
  body,
  answer,
  statuses,
  failures = {},
}: Route): object {
  const answers: Record<string, object> = {};
  const [type, schema] =
    typeof answer === "string"
      ? [answer.split(";", 1)[0] as string, { type: "string" }]
      : ["application/json", schemaOf(answer)];
  for (const [status, description] of Object.entries(statuses))
    answers[status] = { description, content: { [type]: { schema } } };
  for (const [status, codes] of failuresBy(failures, query, body)) answers[status] = failed(status, codes);
  return {
    operationId: id,
    summary,
    description: scope ? `Takes a token with the scope \`${scope}\`.` : "Takes any token.",
    security: [{ [REQUIRES_TOKEN]: [] }],
    ...(scope && { "x-scope": scope }),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(body) } } },
    }),
    responses: answers,
  };
}

/** Returns the codes of each status that is not one of success. */
function failuresBy(failures: Readonly<Record<string, number>>, query: unknown, body: unknown) {
  const by = new Map<string, string[]>([
    ["401", ["unauthorized"]],
    ["403", ["forbidden", "scope_missing"]],
  ]);
  const add = (status: number, code: string) =>
    by.set(String(status), [...(by.get(String(status)) ?? []), code]);
  if (query || body) add(400, "bad_request");
  if (body) add(408, "timeout");
  if (body) add(413, "too_large");
  if (body) add(415, "unsupported_media_type");
  if (body) add(503, "busy");
  for (const [code, status] of Object.entries(failures)) add(status, code);
  return by;
}

function failed(status: string, codes: readonly string[]): object {
  const meaning = { ...meanings, ...anywhere }[status] ?? "It was refused.";
  return {
    description: `${meaning} Codes: ${codes.map((code) => `\`${code}\``).join(", ")}.`,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

function pathParameters(path: string): object[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: parameters[name] ?? name,
    schema: { type: "string" },
  }));
}

function queryParameters(query: v.GenericSchema): object[] {
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}
