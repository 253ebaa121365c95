/**
 * Reads the declarations of the script API into a small table, by which the console's editor completes. They are parsed by the editor's own
 * parser: the compiler's programming interface is not stable yet, and the half of it that answers at once needs Node.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiEntry, ApiTable, ApiTables } from "../src/console/editor/api_table.ts";
import {
  basesOf,
  childrenOf,
  declarationsIn,
  docOf,
  type Node,
  parameterNodes,
  parametersIn,
  parametersOfType,
  textOf,
  typesIn,
} from "./declaration_nodes.ts";

const folder = fileURLToPath(new URL("../src/source/editor/types", import.meta.url));

/** The files of each module's declarations. */
const modules: Readonly<Record<string, string>> = {
  hotroom: "hotroom application definition fetch handlers http room schema settings user",
  "hotroom/test": "test fetch",
};

/** Characters of a type that stands behind a name. */
const MOST_TYPE = 60;

/** Types that are what their first argument is, as far as a completion cares. */
const transparent = new Set(["Awaited", "NoInfer", "Omit", "Promise", "Readonly"]);

/** What a type comes to: the name of it as an object, and with what it can be called. */
type Meaning = Pick<ApiEntry, "type" | "params" | "returns">;

/** Where a type stands: in which text, what its type parameters mean, and what it is called where it has no name of its own. */
interface Scope {
  readonly text: string;
  readonly bound: ReadonlyMap<string, Meaning>;
  readonly place: string;
}

/** An interface, an alias, a function or a variable. */
interface Declaration {
  readonly name: string;
  readonly node: Node;
  readonly text: string;
  readonly doc: string;
}

/** Returns what completes, by module. */
export function apiTables(): ApiTables {
  const tables = Object.entries(modules).map(([module, files]): [string, ApiTable] => {
    const texts = new Map(
      files.split(" ").map((name) => [`./${name}.d.ts`, readFileSync(join(folder, `${name}.d.ts`), "utf8")]),
    );
    return [module, new Reader(texts).table()];
  });
  return Object.fromEntries(tables);
}

class Reader {
  readonly #declared = new Map<string, Declaration>();
  readonly #exported: Declaration[] = [];
  readonly #globals: Declaration[] = [];
  readonly #types = new Map<string, readonly ApiEntry[]>();

  /** `texts` by the path that they are imported by; the first is the module's own, and says which of the others it passes on. */
  constructor(texts: ReadonlyMap<string, string>) {
    const [own = ""] = texts.values();
    for (const [path, text] of texts) {
      const isPassedOn = text === own || own.includes(`export type * from "${path}"`);
      // The parser does not know that.
      const known = text.replace(/^export type \*.*$/gm, "");
      for (const node of declarationsIn(known))
        this.#collect(node, known, docOf(node, known), isPassedOn && node.name === "ExportDeclaration");
    }
  }

  table(): ApiTable {
    const exports = this.#exported.map((one) => this.#entryOf(one));
    const globals = this.#globals.map((one) => this.#entryOf(one));
    return pruned({ exports, globals, types: Object.fromEntries(this.#types) });
  }

  #collect(node: Node, text: string, doc: string, isExported: boolean): void {
    if (node.name === "ImportDeclaration") return;
    const named = node.getChild("TypeDefinition") ?? node.getChild("VariableDefinition");
    if (!named) {
      for (const child of childrenOf(node)) this.#collect(child, text, doc || docOf(child, text), isExported);
      return;
    }
    const declaration = { name: textOf(named, text), node, text, doc };
    this.#declared.set(declaration.name, declaration);
    if (isExported) this.#exported.push(declaration);
    if (node.name === "VariableDeclaration") this.#globals.push(declaration);
  }

  #entryOf({ name, node, text, doc }: Declaration): ApiEntry {
    const scope = { text, bound: new Map(), place: name };
    if (node.name === "AmbientFunctionDeclaration")
      return { name, detail: parametersIn(node, text), doc, ...this.#called(node, scope) };
    const type = node.getChild("TypeAnnotation");
    return {
      name,
      detail: "",
      doc,
      ...(type ? this.#read(type.lastChild, scope) : this.#named(name, [], name)),
    };
  }

  /** What a type means; nothing where it is no object that the table has. */
  #read(node: Node | null, scope: Scope): Meaning {
    if (!node) return {};
    const { text, bound, place } = scope;
    switch (node.name) {
      case "ParenthesizedType":
        return this.#read(childrenOf(node)[1] ?? null, scope);
      case "ReadonlyType":
        return this.#read(node.lastChild, scope);
      case "ArrayType": {
        const { type } = this.#read(node.firstChild, scope);
        return type === undefined ? {} : { type: `${type}[]` };
      }
      case "TypeName": {
        const name = textOf(node, text);
        return bound.get(name) ?? this.#named(name, [], place);
      }
      case "ParameterizedType": {
        const name = textOf(node.firstChild as Node, text);
        const given = typesIn(node.getChild("TypeArgList"));
        if (transparent.has(name)) return this.#read(given[0] ?? null, scope);
        return this.#named(
          name,
          given.map((each) => this.#read(each, scope)),
          place,
        );
      }
      case "FunctionSignature":
        return this.#called(node, scope);
      case "ObjectType":
        return this.#object([node], scope);
      case "UnionType":
      case "IntersectionType": {
        const parts = typesIn(node);
        const objects = parts.filter(({ name }) => name === "ObjectType");
        const others = parts
          .filter(({ name }) => name !== "ObjectType")
          .map((each) => this.#read(each, scope));
        return first([...others, ...(objects.length > 0 ? [this.#object(objects, scope)] : [])]);
      }
      default:
        return {};
    }
  }

  /** What an interface or an alias means with these arguments, used at `place`. */
  #named(name: string, given: readonly Meaning[], place: string): Meaning {
    const found = this.#declared.get(name);
    if (!found) return {};
    const { node, text } = found;
    const bound = new Map<string, Meaning>();
    const others: string[] = [];
    for (const [at, { name: parameter, fallback }] of parametersOfType(node, text).entries()) {
      const usual = this.#read(fallback, { text, bound, place });
      const meaning = given[at] ?? usual;
      if (meaning.type !== undefined && meaning.type !== usual.type) others.push(meaning.type);
      bound.set(parameter, meaning);
    }
    if (node.name === "TypeAliasDeclaration")
      return this.#read(node.getChild("Equals")?.nextSibling ?? null, {
        text,
        bound,
        place: bound.size === 0 ? name : place,
      });
    const key = others.length === 0 ? name : `${name}<${others.join()}>`;
    if (!this.#types.has(key)) {
      this.#types.set(key, []); // It may have itself in it.
      const scope = { text, bound, place: key };
      const own = this.#members(node.getChild("ObjectType") as Node, scope);
      const bases = basesOf(node).map((base) => this.#read(base, scope).type ?? "");
      const inherited = bases.flatMap((base) => this.#types.get(base) ?? []);
      this.#types.set(key, [
        ...own,
        ...inherited.filter((one) => !own.some((each) => each.name === one.name)),
      ]);
    }
    return { type: key };
  }

  /** An object that has no name; of several, which are alternatives, all members. */
  #object(nodes: readonly Node[], scope: Scope): Meaning {
    // Of an intersection another part may have been read already.
    const members = new Map((this.#types.get(scope.place) ?? []).map((each) => [each.name, each]));
    for (const each of nodes.flatMap((node) => this.#members(node, scope))) {
      const known = members.get(each.name);
      if (!known || (!isKnown(known) && isKnown(each))) members.set(each.name, each);
    }
    this.#types.set(scope.place, [...members.values()]);
    return { type: scope.place };
  }

  #members(object: Node, { text, bound, place }: Scope): ApiEntry[] {
    return childrenOf(object).flatMap((node): ApiEntry[] => {
      if (!/^(?:PropertyType|MethodType|IndexSignature)$/.test(node.name)) return [];
      const isAny = node.name === "IndexSignature";
      const named = node.getChild("PropertyDefinition");
      // What has a name that is no word carries types, and is never there.
      if (!named) return [];
      const name = isAny ? "*" : textOf(named, text);
      const scope = { text, bound, place: `${place}.${name}` };
      const doc = docOf(node, text);
      if (node.name === "MethodType")
        return [{ name, detail: parametersIn(node, text), doc, ...this.#called(node, scope) }];
      const type = node.getChildren("TypeAnnotation").at(-1)?.lastChild ?? null;
      const meaning = this.#read(type, scope);
      const detail = meaning.params
        ? `(${meaning.params.map((each) => each.name).join(", ")})`
        : shortType(type, text, bound);
      return [{ name, detail, doc, ...meaning }];
    });
  }

  #called(node: Node, scope: Scope): Meaning {
    const params = parameterNodes(node).map(({ name, type }) => {
      const own = textOf(name, scope.text);
      const { type: meant } = this.#read(type, { ...scope, place: `${scope.place}.${own}` });
      return { name: own, ...(meant !== undefined && { type: meant }) };
    });
    const answer = node.getChild("TypeAnnotation")?.lastChild ?? node.getChild("Arrow")?.nextSibling ?? null;
    const { type: returns } = this.#read(answer, { ...scope, place: `${scope.place}.returns` });
    return { params, ...(returns !== undefined && { returns }) };
  }
}

/** Whether something follows from it: members, parameters. */
function isKnown({ type, params }: Meaning): boolean {
  return (type ?? params) !== undefined;
}

/** Leaves out the types that nothing leads to, or that have no members, and every mention of these. */
function pruned({ exports, globals, types }: ApiTable): ApiTable {
  const kept = new Set<string>();
  const reach = (type: string | undefined): string | undefined => {
    const name = type?.replace(/(?:\[\])+$/, "") ?? "";
    if (!types[name]?.length) return undefined;
    kept.add(name);
    return type;
  };
  const clean = ({ type, params, returns, ...about }: ApiEntry): ApiEntry => {
    const [own, answer] = [reach(type), reach(returns)];
    const named = params?.map(({ name, type }) => ({ name, ...(reach(type) && { type }) }));
    return {
      ...about,
      ...(own && { type: own }),
      ...(named && { params: named }),
      ...(answer && { returns: answer }),
    };
  };
  const roots = { exports: exports.map(clean), globals: globals.map(clean) };
  const left: Record<string, ApiEntry[]> = {};
  // What a type leads to joins the set while it is gone through.
  for (const name of kept) left[name] = (types[name] ?? []).map(clean);
  return { ...roots, types: left };
}

/** The first of each that some of them have. */
function first(meanings: readonly Meaning[]): Meaning {
  const type = meanings.find((one) => one.type !== undefined)?.type;
  const called = meanings.find((one) => one.params !== undefined);
  return {
    ...(type !== undefined && { type }),
    ...(called?.params && { params: called.params }),
    ...(called?.returns !== undefined && { returns: called.returns }),
  };
}

/** What stands behind a name: its type, where that is short and has no parameter of a type in it. */
function shortType(node: Node | null, text: string, bound: Scope["bound"]): string {
  const type = node ? textOf(node, text).replace(/\s+/g, " ") : "";
  const isGeneric = type.match(/\w+/g)?.some((word) => bound.has(word) || word === "NoInfer");
  return type === "" || type.length > MOST_TYPE || isGeneric ? "" : `: ${type}`;
}
