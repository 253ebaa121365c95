import type { AnyNode, CallExpression, Expression, Function as FunctionNode, Node, Program } from "acorn";
import { bindingsOf, importedName } from "./bindings.ts";
import { bare, isFunction, nodesOf } from "./nodes.ts";

/** The section in which what a call names is looked for. */
const sectionOf = { schedule: "timers", cancel: "timers", fetch: "fetches", emit: "emits" } as const;
/** The sections of a definition whose entries are handlers. */
const handlerSections = ["events", "messages", "emits", "timers", "fetches"];

type CallName = keyof typeof sectionOf;

/** A call in a handler that names what its definition has no handler for. */
export interface UnheardName {
  readonly call: CallName;
  readonly section: (typeof sectionOf)[CallName];
  readonly name: string;
  /** The names that the section has. */
  readonly known: ReadonlySet<string>;
  /** Offset of the name, UTF-16 units. */
  readonly offset: number;
}

/** What an object has by its names, where its text tells all of it. */
type Entries = ReadonlyMap<string, AnyNode>;

/**
 * Calls of `room.schedule("…")` and the like in the handlers of a module's definitions, whose name is a text for which the definition
 * has no handler. Left out is all that its text does not tell for certain: what helper functions do, names in variables, sections with
 * a spread, handlers that give the name of their first argument a second meaning.
 */
export function* unheardNames(program: Program): Generator<UnheardName> {
  for (const [define, isRoom] of [
    ["defineRoom", true],
    ["defineApplication", false],
  ] as const) {
    const local = importedName(program, define);
    if (local === undefined) continue;
    for (const node of nodesOf(program, isFunction)) {
      if (node.type !== "CallExpression" || !isNamed(node.callee, local)) continue;
      const definition = entriesOf(node.arguments[0]);
      if (definition) yield* unheardIn(definition, isRoom);
    }
  }
}

function* unheardIn(definition: Entries, isRoom: boolean): Generator<UnheardName> {
  const names = new Map<string, ReadonlySet<string> | undefined>();
  for (const section of handlerSections) names.set(section, namesOf(definition, section));
  const events = names.get("events");
  // Programs that embed the server may hear what an application emits.
  if (!isRoom || !events || events.has("emit")) names.set("emits", undefined);
  for (const [handler, place] of handlersOf(definition)) {
    for (const { call, name, offset } of namingCalls(handler)) {
      // What the version before has scheduled may be known by no name of this one.
      if (call === "cancel" && place === "events.reload") continue;
      const section = sectionOf[call];
      const known = names.get(section);
      if (known && !known.has(name)) yield { call, section, name, known, offset };
    }
  }
}

/** The functions of a definition that are handlers, with where they stand in it, as `events.join`. */
function* handlersOf(definition: Entries): Generator<[FunctionNode, string]> {
  const tick = functionIn(definition.get("tick"));
  if (tick) yield [tick, "tick"];
  for (const section of handlerSections) {
    for (const [name, entry] of propertiesOf(definition.get(section))) {
      const handler = functionIn(entry) ?? functionIn(entriesOf(entry)?.get("handle"));
      if (handler) yield [handler, `${section}.${name}`];
    }
  }
}

/** Calls of methods of a handler's first argument whose first argument is a name. */
function namingCalls(handler: FunctionNode): Pick<UnheardName, "call" | "name" | "offset">[] {
  const [owner] = handler.params;
  if (owner?.type !== "Identifier") return [];
  const found: Pick<UnheardName, "call" | "name" | "offset">[] = [];
  for (const node of nodesOf(handler)) {
    for (const { name, start } of bindingsOf(node))
      if (name === owner.name && start !== owner.start) return [];
    if (node.type !== "CallExpression") continue;
    const call = methodOf(node, owner.name);
    const name = textOf(node.arguments[0]);
    if (call && name) found.push({ call, ...name });
  }
  return found;
}

/** Returns which method of `owner` a call is of, where it is one that takes a handler's name. */
function methodOf({ callee }: CallExpression, owner: string): CallName | undefined {
  const member = bare(callee as Expression);
  if (member?.type !== "MemberExpression" || member.computed || !isNamed(member.object, owner))
    return undefined;
  const name = member.property.type === "Identifier" ? member.property.name : "";
  return Object.hasOwn(sectionOf, name) ? (name as CallName) : undefined;
}

function isNamed(expression: Node, name: string): boolean {
  const inner = bare(expression as Expression);
  return inner?.type === "Identifier" && inner.name === name;
}

/** Returns the text that an expression is, and where it begins. */
function textOf(expression: Node | undefined): { name: string; offset: number } | undefined {
  const inner = bare(expression as Expression | undefined);
  if (inner?.type === "Literal" && typeof inner.value === "string")
    return { name: inner.value, offset: inner.start };
  const text =
    inner?.type === "TemplateLiteral" && inner.expressions.length === 0 ? inner.quasis[0] : undefined;
  return typeof text?.value.cooked === "string"
    ? { name: text.value.cooked, offset: text.start - 1 }
    : undefined;
}

/** Returns the names that a section of a definition has; undefined where its text does not tell. */
function namesOf(definition: Entries, section: string): ReadonlySet<string> | undefined {
  const entry = definition.get(section);
  if (!entry) return new Set();
  const entries = entriesOf(entry);
  return entries && new Set(entries.keys());
}

/** Returns what an expression has by its names; undefined where it is no object, or its text does not tell all of it. */
function entriesOf(expression: Node | undefined): Entries | undefined {
  const object = bare(expression as Expression | undefined);
  if (object?.type !== "ObjectExpression") return undefined;
  const entries = new Map(propertiesOf(object));
  const isWhole = object.properties.every((each) => keyOf(each) !== undefined);
  return isWhole && !entries.has("__proto__") ? entries : undefined;
}

/** The properties of an object that have a name, with their values. */
function* propertiesOf(expression: Node | undefined): Generator<[string, AnyNode]> {
  const object = bare(expression as Expression | undefined);
  if (object?.type !== "ObjectExpression") return;
  for (const property of object.properties) {
    const key = keyOf(property);
    if (key !== undefined && property.type === "Property") yield [key, property.value as AnyNode];
  }
}

function keyOf(property: AnyNode): string | undefined {
  if (property.type !== "Property" || property.computed) return undefined;
  if (property.key.type === "Identifier") return property.key.name;
  return property.key.type === "Literal" ? String(property.key.value) : undefined;
}

function functionIn(expression: Node | undefined): FunctionNode | undefined {
  const inner = bare(expression as Expression | undefined) as AnyNode | undefined;
  return inner && isFunction(inner) ? inner : undefined;
}
