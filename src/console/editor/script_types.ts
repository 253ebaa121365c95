import type { syntaxTree } from "@codemirror/language";
import type { ApiEntry, ApiTable } from "./api_table.ts";

/** A script that is being written, as its editor has read it. */
export type Tree = ReturnType<typeof syntaxTree>;

/** A node of it. */
export type Node = Tree["topNode"];

/** What names stand for where nothing says it: everybody calls them so. */
const usual = new Map([
  ["room", "Room"],
  ["user", "User"],
  ["app", "Application"],
]);

/** Methods of lists that are given what is done with each, that return one, and that return some. */
const forEach = /^(?:every|filter|find|findIndex|findLast|flatMap|forEach|map|some|sort|toSorted)$/;
const returnsOne = /^(?:at|find|findLast|pop|shift)$/;
const returnsSome = /^(?:concat|filter|slice|sort|toReversed|toSorted)$/;

/** Expressions that are looked through for the type of one. */
const MOST_STEPS = 200;

/** Tells what expressions of a script are, as far as the script API says it: no more than an editor needs to complete what follows. */
export class ScriptTypes {
  #steps = 0;

  constructor(
    private readonly table: ApiTable,
    /** The script. */
    private readonly text: string,
  ) {}

  /** The type of an expression. */
  typeOf(node: Node | null): string | undefined {
    return this.#entryOf(node)?.type;
  }

  /** The members of a type; none of one that the script API does not have. */
  membersOf(type: string | undefined): readonly ApiEntry[] {
    return (type === undefined ? undefined : this.table.types[type]) ?? [];
  }

  /** The type that an object is to have which is written out at this place. */
  expectedOf(object: Node): string | undefined {
    const { parent } = object;
    if (++this.#steps > MOST_STEPS) return undefined;
    switch (parent?.name) {
      case "ArgList":
        return this.#entryOf(parent.prevSibling)?.params?.[indexIn(parent, object)]?.type;
      case "Property":
        return this.#memberOf(this.#expectedAround(parent), this.#keyOf(parent))?.type;
      case "ParenthesizedExpression":
        return this.expectedOf(parent);
      case "ReturnStatement":
        return this.#handlerOf(functionAround(parent))?.returns;
      case "ArrowFunction":
        return this.#handlerOf(parent)?.returns;
      case "BinaryExpression":
        return this.#annotated(parent.getChild("satisfies")?.nextSibling);
      case "VariableDeclaration": {
        const name = parent.getChild("VariableDefinition");
        const isSettings =
          name && this.textOf(name) === "settings" && parent.parent?.name === "ExportDeclaration";
        return this.#annotationIn(parent) ?? (isSettings ? "Settings" : undefined);
      }
      default:
        return undefined;
    }
  }

  textOf(node: Node): string {
    return this.text.slice(node.from, node.to);
  }

  #entryOf(node: Node | null | undefined): Partial<ApiEntry> | undefined {
    if (!node || ++this.#steps > MOST_STEPS) return undefined;
    switch (node.name) {
      case "VariableName":
        return this.#named(this.textOf(node), node);
      case "MemberExpression": {
        const base = this.typeOf(node.firstChild);
        const name = node.getChild("PropertyName");
        return name ? this.#memberOf(base, this.textOf(name)) : { type: elementOf(base) };
      }
      case "CallExpression":
        return { type: this.#entryOf(node.firstChild)?.returns };
      case "ParenthesizedExpression":
        return this.#entryOf(node.firstChild?.nextSibling);
      case "AwaitExpression":
        return this.#entryOf(node.lastChild);
      case "PostfixExpression":
      case "BinaryExpression":
        return this.#entryOf(node.firstChild);
      default:
        return undefined;
    }
  }

  /** What a name stands for at a place: a parameter or a variable around it, else what the script API has. */
  #named(name: string, at: Node): Partial<ApiEntry> | undefined {
    for (let around = at.parent; around; around = around.parent) {
      const parameters = around.getChild("ParamList");
      const own = parameters?.getChildren("VariableDefinition").find((each) => this.textOf(each) === name);
      if (parameters && own) return { type: this.#parameter(around, parameters, own) ?? usual.get(name) };
      const type = this.#variableIn(around, name);
      if (type !== undefined) return { type };
    }
    const { exports, globals } = this.table;
    return [...exports, ...globals].find((each) => each.name === name) ?? { type: usual.get(name) };
  }

  #parameter(around: Node, parameters: Node, own: Node): string | undefined {
    const annotation = own.nextSibling?.name === "Optional" ? own.nextSibling.nextSibling : own.nextSibling;
    if (annotation?.name === "TypeAnnotation") return this.#annotated(annotation.lastChild);
    return this.#handlerOf(around)?.params?.[indexIn(parameters, own)]?.type;
  }

  /** The type of a variable that is declared in a block, or by a loop. */
  #variableIn(around: Node, name: string): string | undefined {
    const loop = around.getChild("ForOfSpec");
    const each = loop?.getChild("VariableDefinition");
    if (loop && each && this.textOf(each) === name)
      return elementOf(this.typeOf(loop.getChild("of")?.nextSibling ?? null));
    if (around.name !== "Block" && around.name !== "Script") return undefined;
    for (const statement of around.getChildren("VariableDeclaration")) {
      const own = statement.getChildren("VariableDefinition").find((each) => this.textOf(each) === name);
      if (!own) continue;
      return this.#annotationIn(statement) ?? this.typeOf(statement.getChild("Equals")?.nextSibling ?? null);
    }
    return undefined;
  }

  /** What a function is for: a handler of a definition, or what is done with each of a list. */
  #handlerOf(node: Node | null): Partial<ApiEntry> | undefined {
    if (node?.name === "Property") return this.#memberOf(this.#expectedAround(node), this.#keyOf(node));
    const { parent } = node ?? {};
    if (parent?.name === "Property") return this.#handlerOf(parent);
    const called = parent?.name === "ArgList" ? parent.prevSibling : undefined;
    const method = called?.name === "MemberExpression" ? called.getChild("PropertyName") : undefined;
    if (!method || !forEach.test(this.textOf(method))) return undefined;
    const type = elementOf(this.typeOf(called?.firstChild ?? null));
    const params = ["one", "other"].map((name) => ({ name, ...(type !== undefined && { type }) }));
    return { params };
  }

  #expectedAround(property: Node): string | undefined {
    return property.parent?.name === "ObjectExpression" ? this.expectedOf(property.parent) : undefined;
  }

  #memberOf(type: string | undefined, name: string): Partial<ApiEntry> | undefined {
    const one = elementOf(type);
    if (one !== undefined && returnsOne.test(name)) return { returns: one };
    if (one !== undefined && returnsSome.test(name)) return { returns: `${one}[]` };
    const members = this.membersOf(type);
    return members.find((each) => each.name === name) ?? members.find((each) => each.name === "*");
  }

  #annotationIn(node: Node): string | undefined {
    return this.#annotated(node.getChild("TypeAnnotation")?.lastChild);
  }

  #annotated(type: Node | null | undefined): string | undefined {
    if (type?.name === "ArrayType") {
      const one = this.#annotated(type.firstChild);
      return one && `${one}[]`;
    }
    const named = type?.name === "ParameterizedType" ? type.firstChild : type;
    const name = named?.name === "TypeName" ? this.textOf(named) : "";
    return Object.hasOwn(this.table.types, name) ? name : undefined;
  }

  #keyOf(property: Node): string {
    const { firstChild } = property;
    return firstChild ? this.textOf(firstChild).replace(/^["']|["']$/g, "") : "";
  }
}

/** The type of each of a list; undefined where it is none. */
function elementOf(type: string | undefined): string | undefined {
  return type?.endsWith("[]") ? type.slice(0, -2) : undefined;
}

/** Which argument or parameter a node is. */
function indexIn(list: Node, node: Node): number {
  let index = 0;
  for (let each = list.firstChild; each && each.from < node.from; each = each.nextSibling)
    if (each.name === ",") index++;
  return index;
}

function functionAround(node: Node): Node | null {
  let around: Node | null = node;
  while (around && !around.getChild("ParamList")) around = around.parent;
  return around;
}
