import type { CallExpression, Identifier, Program } from "acorn";
import { bindingsOf } from "./bindings.ts";
import { bare, declarations, nodesOf } from "./nodes.ts";

/**
 * Calls that are statements of their own, of `async` functions declared at the top of the module: whether such a promise is
 * rejected nobody is told. Names that are bound or assigned a second time anywhere in the module are passed over.
 */
export function* floatingCalls(program: Program): Generator<Identifier> {
  const functions = asyncFunctions(program);
  if (functions.size === 0) return;
  const calls: (CallExpression & { callee: Identifier })[] = [];
  for (const node of nodesOf(program)) {
    for (const { name, start } of bindingsOf(node)) {
      if (functions.get(name) !== start) functions.delete(name);
    }
    if (node.type !== "ExpressionStatement") continue;
    const call = bare(node.expression);
    if (call?.type !== "CallExpression" || call.optional) continue;
    const { callee } = call;
    if (callee.type === "Identifier") calls.push({ ...call, callee });
  }
  for (const { callee } of calls) if (functions.has(callee.name)) yield callee;
}

/** Names of the module's `async` functions (no generators), with the offsets of the names where they are declared. */
function asyncFunctions(program: Program): Map<string, number> {
  const found = new Map<string, number>();
  for (const declaration of declarations(program)) {
    if (declaration?.type === "FunctionDeclaration") {
      const { id, async, generator } = declaration;
      if (id && async && !generator) found.set(id.name, id.start);
    }
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init: expression } of declaration.declarations) {
      const init = bare(expression);
      const isFunction = init?.type === "FunctionExpression" || init?.type === "ArrowFunctionExpression";
      if (id.type === "Identifier" && isFunction && init.async && !init.generator)
        found.set(id.name, id.start);
    }
  }
  return found;
}
