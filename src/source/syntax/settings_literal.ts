import type { AnyNode, Declaration, Expression, Node, Program } from "acorn";
import { namesIn } from "./nodes.ts";

/** The name by which a script exports its application's settings. */
const NAME = "settings";
/** Objects and lists that may lie in one another. */
const MAX_DEPTH = 50;
/** Characters of the settings as JSON, which the server itself parses; as bytes of a `hotroom.json`. */
const MAX_UNITS = 64 * 1024;

const FORM =
  "Cannot read the settings without running the script: write them as export const settings = { … }.";
const COMPUTED =
  "Cannot read the settings without running the script: write the value itself, not what computes it.";

/**
 * The settings that a script exports, as JSON with the places of its parts; or what is wrong with them, and where. Offsets are UTF-16
 * units.
 */
export type SettingsLiteral =
  | {
      readonly json: string;
      /** Offsets in the JSON of its keys and values, in order, each with that in the source behind it. */
      readonly places: readonly number[];
      /** Where the name of the export stands. */
      readonly offset: number;
    }
  | { readonly fault: string; readonly offset: number };

/** Returns the settings that a module exports, read off its text alone; undefined where it exports none. */
export function settingsIn(program: Program): SettingsLiteral | undefined {
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const { exported } = statement;
      if (exported && nameOf(exported) === NAME) return fault(exported, FORM);
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    const renamed = statement.specifiers.find(({ exported }) => nameOf(exported) === NAME);
    if (renamed) return fault(renamed, FORM);
    const declared = statement.declaration && declaredIn(statement.declaration);
    if (declared) return declared;
  }
  return undefined;
}

/** Returns the settings of a declaration that is exported. */
function declaredIn(declaration: Declaration): SettingsLiteral | undefined {
  if (declaration.type !== "VariableDeclaration")
    return declaration.id.name === NAME ? fault(declaration.id, FORM) : undefined;
  for (const { id, init } of declaration.declarations) {
    for (const named of namesIn(id)) {
      if (named.name !== NAME) continue;
      const isPlain = named === id && declaration.kind === "const" && init;
      return isPlain ? new LiteralText(id.start).of(init) : fault(named, FORM);
    }
  }
  return undefined;
}

/** Writes a literal as JSON. */
class LiteralText {
  readonly #offset: number;
  readonly #places: number[] = [];
  #json = "";
  #fault: SettingsLiteral | undefined;

  constructor(offset: number) {
    this.#offset = offset;
  }

  of(expression: Expression): SettingsLiteral {
    this.#value(expression, 0);
    return this.#fault ?? { json: this.#json, places: this.#places, offset: this.#offset };
  }

  #value(expression: Node, depth: number): void {
    let node = expression as AnyNode;
    while (node.type === "ParenthesizedExpression") node = node.expression as AnyNode;
    if (depth > MAX_DEPTH)
      return this.#fail(node, `More than ${MAX_DEPTH} objects and lists lie in one another.`);
    this.#place(node);
    if (node.type === "ObjectExpression") this.#object(node.properties, depth);
    else if (node.type === "ArrayExpression") this.#list(node, depth);
    else this.#write(node, textOf(node));
  }

  #object(properties: readonly AnyNode[], depth: number): void {
    this.#json += "{";
    for (const [index, property] of properties.entries()) {
      if (this.#fault) return;
      if (index > 0) this.#json += ",";
      const key = keyOf(property);
      if (key === undefined || property.type !== "Property") return this.#fail(property, COMPUTED);
      this.#place(property.key);
      this.#write(property, `${JSON.stringify(key)}:`);
      this.#value(property.value, depth + 1);
    }
    this.#json += "}";
  }

  #list(node: AnyNode & { readonly elements: readonly (AnyNode | null)[] }, depth: number): void {
    this.#json += "[";
    for (const [index, element] of node.elements.entries()) {
      if (this.#fault) return;
      if (index > 0) this.#json += ",";
      if (!element) return this.#fail(node, COMPUTED);
      this.#value(element, depth + 1);
    }
    this.#json += "]";
  }

  #place({ start }: Node): void {
    this.#places.push(this.#json.length, start);
  }

  #write(node: Node, text: string | undefined): void {
    if (text === undefined) return this.#fail(node, COMPUTED);
    this.#json += text;
    if (this.#json.length > MAX_UNITS)
      this.#fail(node, `The settings are too large: more than ${MAX_UNITS} characters as JSON.`);
  }

  #fail(node: Node, message: string): void {
    this.#fault ??= fault(node, message);
  }
}

/** Returns the key of a property that is a value by a name; undefined for all others. */
function keyOf(property: AnyNode): string | undefined {
  if (property.type !== "Property" || property.kind !== "init") return undefined;
  if (property.computed || property.method || property.shorthand) return undefined;
  if (property.key.type === "Identifier") return property.key.name;
  return property.key.type === "Literal" ? String(property.key.value) : undefined;
}

/** Returns the JSON of an expression that is a text, a number, true, false or null; undefined for all others. */
function textOf(node: AnyNode): string | undefined {
  if (node.type === "TemplateLiteral")
    return node.expressions.length === 0 ? JSON.stringify(node.quasis[0]?.value.cooked) : undefined;
  if (node.type === "UnaryExpression" && node.operator === "-") {
    const of = node.argument.type === "Literal" ? node.argument.value : undefined;
    return typeof of === "number" ? numberText(-of) : undefined;
  }
  if (node.type !== "Literal" || node.regex || node.bigint) return undefined;
  return typeof node.value === "number" ? numberText(node.value) : JSON.stringify(node.value);
}

function numberText(value: number): string | undefined {
  return Number.isFinite(value) ? JSON.stringify(value) : undefined;
}

function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" ? String(node.value) : undefined;
}

function fault({ start }: Node, message: string): SettingsLiteral {
  return { fault: message, offset: start };
}
