import type { AnyNode, Identifier, Program } from "acorn";
import { namesIn } from "./nodes.ts";

/** Names that a node by itself gives a meaning to: what it declares, takes as a parameter, or assigns. */
export function* bindingsOf(node: AnyNode): Generator<Identifier> {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      if (node.id) yield node.id;
      for (const parameter of node.params) yield* namesIn(parameter);
      return;
    case "ClassDeclaration":
    case "ClassExpression":
      if (node.id) yield node.id;
      return;
    case "VariableDeclarator":
      return yield* namesIn(node.id);
    case "CatchClause":
      if (node.param) yield* namesIn(node.param);
      return;
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return yield node.local;
    case "AssignmentExpression":
      return yield* namesIn(node.left);
    case "ForInStatement":
    case "ForOfStatement":
      if (node.left.type !== "VariableDeclaration") yield* namesIn(node.left);
      return;
    case "UpdateExpression":
      if (node.argument.type === "Identifier") yield node.argument;
  }
}

/** Returns the name by which a module knows what `hotroom` exports as `exported`; undefined where it does not import that. */
export function importedName({ body }: Program, exported: string): string | undefined {
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration" || statement.source.value !== "hotroom") continue;
    for (const each of statement.specifiers) {
      if (each.type !== "ImportSpecifier" || each.imported.type !== "Identifier") continue;
      if (each.imported.name === exported) return each.local.name;
    }
  }
  return undefined;
}
