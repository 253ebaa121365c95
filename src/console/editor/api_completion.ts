import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
  snippetCompletion,
} from "@codemirror/autocomplete";
import { ensureSyntaxTree } from "@codemirror/language";
import type { ApiEntry, ApiTable, ApiTables } from "./api_table.ts";
import { OwnNames } from "./own_names.ts";
import { type Node, ScriptTypes, type Tree } from "./script_types.ts";

/** What a completion is offered for as long as that is written on. */
const validFor = /^[\w$]*$/;

/** How long the rest of a script is read for it in one piece, ms. Keys and the caret go in between. */
const READING_MS = 50;

/** What scripts import, beside files and packages of their own. */
const modules = ["hotroom", "hotroom/test", "valibot"];

/** Returns what completes the script API in an application's file; nothing in its pages, which have another one. */
export function apiCompletion(tables: ApiTables, path: string): CompletionSource {
  const module = /\.test\.[jt]s$/.test(path) ? "hotroom/test" : "hotroom";
  const table = tables[module];
  if (!table || path.startsWith("public/") || !/\.[jt]s$/.test(path)) return () => null;
  return async (context) => {
    const tree = await treeOf(context);
    return tree ? new Place(context, tree, table, tables).result() : null;
  };
}

/**
 * Reads a script to its end, however slow the device; null once nobody waits for it any more.
 * What was read so far is kept by the editor, so that each piece goes on where the one before ended.
 */
async function treeOf(context: CompletionContext): Promise<Tree | null> {
  while (!context.aborted) {
    const tree = ensureSyntaxTree(context.state, context.state.doc.length, READING_MS);
    if (tree) return tree;
    await new Promise((resolve) => setTimeout(resolve));
  }
  return null;
}

/** Where something is to be completed. */
class Place {
  readonly #node: Node;
  readonly #types: ScriptTypes;
  readonly #own: OwnNames;

  constructor(
    private readonly context: CompletionContext,
    tree: Tree,
    table: ApiTable,
    private readonly tables: ApiTables,
  ) {
    const { state } = context;
    const node = tree.resolveInner(context.pos, -1);
    this.#node = node.type.isError && node.prevSibling ? node.prevSibling : node;
    this.#types = new ScriptTypes(table, state.sliceDoc());
    this.#own = new OwnNames(tree.topNode, this.#types);
  }

  result(): CompletionResult | null {
    const { name, parent } = this.#node;
    if (name === "." || name === "?.") return this.#members(this.#node, this.context.pos);
    if (name === "PropertyName" && parent?.name === "MemberExpression")
      return this.#members(this.#node.prevSibling, this.#node.from);
    if (name === "String") return this.#text();
    if (name === "ImportGroup" || parent?.name === "ImportGroup") return this.#imports();
    return this.#keys();
  }

  /** What follows a dot. */
  #members(dot: Node | null, from: number): CompletionResult | null {
    const object = dot?.prevSibling ?? null;
    const members = this.#types.membersOf(this.#types.typeOf(object)).filter(({ name }) => name !== "*");
    if (members.length > 0) return { from, validFor, options: members.map((each) => this.#member(each)) };
    const named = object?.getChild("PropertyName");
    const owner = this.#types.typeOf(object?.firstChild ?? null);
    if (!named || this.#types.textOf(named) !== "state" || (owner !== "Room" && owner !== "Application"))
      return null;
    return listed(from, this.#own.ofState(), "property");
  }

  #member(entry: ApiEntry): Completion {
    if (!entry.params) return completion(entry, "property");
    const isCalled = this.#follows(/^[\w$]*\s*[(<]/);
    if (isCalled) return completion(entry, "method");
    return snippetCompletion(
      `${entry.name}(${entry.params.length > 0 ? "#{}" : ""})`,
      completion(entry, "method"),
    );
  }

  /** A key of an object whose type is known. */
  #keys(): CompletionResult | null {
    const isWritten = this.#node.name === "PropertyDefinition";
    const object = isWritten ? this.#node.parent?.parent : this.#objectAround();
    if (object?.name !== "ObjectExpression") return null;
    const known = new Set(
      object
        .getChildren("Property")
        .map(({ firstChild }) => (firstChild ? this.#types.textOf(firstChild) : "")),
    );
    if (isWritten) known.delete(this.#types.textOf(this.#node));
    const members = this.#types.membersOf(this.#types.expectedOf(object));
    const options = members
      .filter(({ name }) => name !== "*" && !known.has(name))
      .map((each) => this.#key(each));
    return options.length === 0
      ? null
      : { from: isWritten ? this.#node.from : this.context.pos, validFor, options };
  }

  /** The object in which a key is asked for that has no letter yet. */
  #objectAround(): Node | null | undefined {
    const { state, pos, explicit } = this.context;
    if (!explicit || !/[{,]\s*$/.test(state.sliceDoc(Math.max(0, pos - 200), pos))) return undefined;
    return this.#node.name === "ObjectExpression" ? this.#node : this.#node.parent;
  }

  #key(entry: ApiEntry): Completion {
    const { name, params, type } = entry;
    if (this.#follows(/^[\w$]*\s*[:(]/)) return completion(entry, "property");
    const end = this.#follows(/^[\w$]*\s*,/) ? "" : ",";
    const body = params
      ? params.length > 0
        ? `(${params.map((each) => each.name).join(", ")}) {\n\t#{}\n}`
        : ": () => ({ #{} })"
      : type === undefined || type.endsWith("[]")
        ? ": #{}"
        : ": {\n\t#{}\n}";
    return snippetCompletion(name + body + end, completion(entry, params ? "method" : "property"));
  }

  /** What `import { … } from "hotroom"` can have. */
  #imports(): CompletionResult | null {
    const group = this.#node.name === "ImportGroup" ? this.#node : this.#node.parent;
    const module = group?.parent?.getChild("String");
    const name = module ? this.#types.textOf(module).slice(1, -1) : "hotroom";
    const table = Object.hasOwn(this.tables, name) ? this.tables[name] : undefined;
    const isWritten = this.#node.name === "VariableDefinition";
    if (!table || (!isWritten && !this.context.explicit)) return null;
    const options = table.exports.map((each) => completion(each, each.params ? "function" : "interface"));
    return { from: isWritten ? this.#node.from : this.context.pos, validFor, options };
  }

  /** What a text can be: a module, or a name that the definition has. */
  #text(): CompletionResult | null {
    const isModule = this.#node.parent?.name === "ImportDeclaration";
    const names = isModule ? modules : this.#own.ofText(this.#node);
    const from = this.#node.from + 1;
    return this.context.pos < from ? null : listed(from, names, isModule ? "namespace" : "constant");
  }

  #follows(pattern: RegExp): boolean {
    const { state, pos } = this.context;
    return pattern.test(state.sliceDoc(pos, pos + 100));
  }
}

function completion({ name, detail, doc }: ApiEntry, type: string): Completion {
  return { label: name, type, ...(detail && { detail }), ...(doc && { info: doc }) };
}

function listed(from: number, names: readonly string[], type: string): CompletionResult | null {
  const options = names.map((label) => ({ label, type }));
  return options.length === 0 ? null : { from, validFor: /^[\w$/.-]*$/, options };
}
