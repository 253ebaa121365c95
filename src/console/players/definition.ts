/** What an application's definitions say of the messages that they take. */
import { signal } from "@preact/signals";
import { api, ask } from "../server/ask.ts";

/** The part of JSON Schema that forms are made of; what is not understood is given as JSON. */
export interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The messages of a room type, or of the application itself. */
export interface Taken {
  readonly messages?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

/** What is known of an application. */
export interface Definition {
  readonly rooms?: Readonly<Record<string, Taken>>;
  readonly application?: Taken;
}

/** By the name of the application. */
export const definitions = signal<ReadonlyMap<string, Definition>>(new Map());

/** Asks for the definitions of an application; a server that does not tell them leaves the forms to JSON. */
export async function askDefinition(name: string): Promise<void> {
  try {
    const found = await ask<Definition>("GET", api(name, "definition"));
    definitions.value = new Map(definitions.value).set(name, found);
  } catch {
    // Forms go without.
  }
}

/** The messages that a room of a type takes; those of the application where the type is undefined. */
export function messagesOf(
  definition: Definition | undefined,
  type: string | undefined,
): Taken["messages"] & object {
  const taken = type === undefined ? definition?.application : own(definition?.rooms, type);
  return taken?.messages ?? {};
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}
