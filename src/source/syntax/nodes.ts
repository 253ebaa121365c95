/** Parts of a parsed module, found without recursion: what authors write may be as deep as it is long. */
import type { AnyNode, Expression, Identifier, Node, Pattern, Program } from "acorn";

/** The names in a pattern: `a`, `b` and `c` of `{ a, x: [b = 1, ...c] }`. Without recursion, as `nodesOf`. */
export function* namesIn(pattern: Pattern): Generator<Identifier> {
  const rest: (Pattern | null)[] = [pattern];
  while (rest.length > 0) {
    const next = rest.pop();
    if (next?.type === "Identifier") yield next;
    else if (next?.type === "AssignmentPattern") rest.push(next.left);
    else if (next?.type === "RestElement") rest.push(next.argument);
    else if (next?.type === "ArrayPattern") for (const each of next.elements) rest.push(each);
    else if (next?.type === "ObjectPattern")
      for (const each of next.properties) rest.push(each.type === "Property" ? each.value : each);
  }
}

/**
 * Finds all nodes of a tree, in no certain order, but for what lies in those of which `isClosed` returns true. Without recursion: a
 * chain of operators is as deep as it is long.
 */
export function* nodesOf(root: Node, isClosed?: (node: AnyNode) => boolean): Generator<AnyNode> {
  const rest: Node[] = [root];
  for (let node = rest.pop(); node; node = rest.pop()) {
    yield node as AnyNode;
    if (isClosed?.(node as AnyNode)) continue;
    for (const value of Object.values(node)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (typeof each?.type === "string") rest.push(each);
      }
    }
  }
}

/** Declarations at the top of a module, exported or not. */
export function* declarations({ body }: Program) {
  for (const statement of body) {
    const isExport =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
    yield isExport ? statement.declaration : statement;
  }
}

/** Returns true for a function, however it is written. */
export function isFunction(node: AnyNode) {
  const { type } = node;
  return (
    type === "FunctionExpression" || type === "ArrowFunctionExpression" || type === "FunctionDeclaration"
  );
}

/** Returns an expression without the parentheses around it. */
export function bare(expression: Expression | null | undefined): Expression | null | undefined {
  let inner = expression;
  while (inner?.type === "ParenthesizedExpression") inner = inner.expression;
  return inner;
}
