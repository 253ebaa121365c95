/** A client that is made of an OpenAPI document alone, as tools make them: it calls operations by name, and holds answers against the document. */
import Ajv2020 from "ajv/dist/2020.js";

type Schema = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly required: boolean;
  }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
  readonly "x-scope"?: string;
}

/** An OpenAPI document, as far as a client needs it. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Schema;
}

/** What an operation is called with: values for its parameters, in the path or the query, and a body. */
export interface Arguments {
  readonly values?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly token?: string;
}

/** An answer that is as the document says. */
export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it has asked for.
  readonly body: any;
}

/** Calls what a document describes. */
export class OpenApiClient {
  readonly #operations = new Map<string, { method: string; path: string; operation: Operation }>();
  readonly #ajv = new Ajv2020({ strict: false });

  constructor(
    private readonly url: string,
    private readonly document: Document,
  ) {
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations))
        this.#operations.set(operation.operationId, { method, path, operation });
  }

  /** The names of all operations. */
  get names(): string[] {
    return [...this.#operations.keys()];
  }

  /** The scope that the document says an operation takes. */
  scopeOf(name: string): string | undefined {
    return this.#operations.get(name)?.operation["x-scope"];
  }

  /** Calls an operation. Rejects where the document knows no such parameter, body or answer. */
  async call(name: string, { values = {}, body, token }: Arguments = {}): Promise<Answered> {
    const found = this.#operations.get(name);
    if (!found) throw new Error(`The document has no operation "${name}".`);
    const { method, operation } = found;
    const address = new URL(this.#pathOf(found.path, operation, values), this.url);
    for (const key of Object.keys(values)) {
      const parameter = operation.parameters.find((each) => each.name === key);
      if (!parameter) throw new Error(`${name} has no parameter "${key}".`);
      if (parameter.in === "query") address.searchParams.set(key, values[key] as string);
    }
    const wanted = operation.requestBody?.content["application/json"].schema;
    if ((wanted === undefined) !== (body === undefined)) throw new Error(`${name}: is there a body or not?`);
    if (wanted) this.#check(`the body of ${name}`, wanted, body);
    const response = await fetch(address, {
      method: method.toUpperCase(),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return this.#read(name, operation, response);
  }

  #pathOf(path: string, { parameters }: Operation, values: Readonly<Record<string, string>>): string {
    return path.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (!parameters.some((each) => each.in === "path" && each.name === name && each.required))
        throw new Error(`${path}: "${name}" is no parameter.`);
      return encodeURIComponent(values[name] ?? "");
    });
  }

  async #read(name: string, { responses }: Operation, response: Response): Promise<Answered> {
    const { status } = response;
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    const text = isStream ? await beginningOf(response) : await response.text();
    const described = responses[status];
    if (!described) throw new Error(`${name} answered ${status}, which the document does not know: ${text}`);
    const type = response.headers.get("content-type")?.split(";", 1)[0] ?? "";
    const schema = described.content[type]?.schema;
    if (!schema) throw new Error(`${name} answered ${status} as ${type}, which the document does not know.`);
    const body = type === "application/json" ? JSON.parse(text) : text;
    this.#check(`the answer ${status} of ${name}`, schema, body);
    return { status, body };
  }

  /** Throws where a value is not as described, or has a key that is not described. */
  #check(what: string, schema: Schema, value: unknown): void {
    const whole = { ...strict(schema), components: strict(this.document.components) };
    if (this.#ajv.validate(whole, value)) return;
    throw new Error(`${what} is not as described: ${this.#ajv.errorsText()}: ${JSON.stringify(value)}`);
  }
}

/** Reads the beginning of an answer that does not end. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

/** Returns a schema by which objects have no other keys than those that are named. */
function strict<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(strict) as T;
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const isObject = copy.type === "object" && copy.properties !== undefined;
  return (isObject ? { additionalProperties: false, ...copy } : copy) as T;
}
