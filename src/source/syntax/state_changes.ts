import type { AnyNode, Expression, Node, Program } from "acorn";
import { bare, isFunction, namesIn, nodesOf } from "./nodes.ts";

/** By which names a function knows a state: that of its owner, and those of what it has taken out of it. */
export interface StateNames {
  readonly owner: string;
  readonly parts: Set<string>;
}

/** The functions of a module whose first argument has a state, with their bodies and the names of that. */
export function* functionsWithState(program: Program): Generator<{ body: Node; state: StateNames }> {
  for (const node of nodesOf(program)) {
    if (!isFunction(node) || node.body.type !== "BlockStatement") continue;
    const [owner] = node.params;
    if (owner?.type === "Identifier") yield { body: node.body, state: stateNames(node.body, owner.name) };
  }
}

/** The names of the state that belongs to the argument `owner` in a function's body. */
function stateNames(body: Node, owner: string): StateNames {
  const state = { owner, parts: new Set<string>() };
  // One may be taken out of what another one has been taken out of.
  const inOrder = [...nodesOf(body, isFunction)].sort((one, other) => one.start - other.start);
  for (const node of inOrder) {
    if (node.type !== "VariableDeclarator" || !node.init) continue;
    const init = bare(node.init);
    if (init?.type === "Identifier" && init.name === owner && node.id.type === "ObjectPattern") {
      for (const each of node.id.properties) {
        if (each.type !== "Property" || each.key.type !== "Identifier" || each.key.name !== "state") continue;
        for (const { name } of namesIn(each.value)) state.parts.add(name);
      }
    } else if (init && isOfState(init, state)) for (const { name } of namesIn(node.id)) state.parts.add(name);
  }
  return state;
}

/** Returns true if an expression is the state, or leads into it from its name: `room.state.players[id]`. */
function isOfState(expression: Node, { owner, parts }: StateNames): boolean {
  let inner = bare(expression as Expression);
  while (inner?.type === "MemberExpression") {
    const { object, property, computed } = inner;
    const isState = !computed && property.type === "Identifier" && property.name === "state";
    inner = bare(object as Expression);
    if (isState && inner?.type === "Identifier" && inner.name === owner) return true;
  }
  return inner?.type === "Identifier" && parts.has(inner.name);
}

/** Methods that change the list on which they are called. */
const changing = new Set([
  "push",
  "pop",
  "shift",
  "unshift",
  "splice",
  "sort",
  "reverse",
  "fill",
  "copyWithin",
]);

/** Returns true if a statement does nothing but change a state, whatever happens. */
export function changes(statement: Node, state: StateNames): boolean {
  const each = statement as AnyNode;
  const expression = each.type === "ExpressionStatement" ? bare(each.expression) : undefined;
  if (expression?.type === "AssignmentExpression") return isPartOf(expression.left, state);
  if (expression?.type === "UpdateExpression") return isPartOf(expression.argument, state);
  if (expression?.type === "UnaryExpression" && expression.operator === "delete")
    return isPartOf(expression.argument, state);
  if (expression?.type !== "CallExpression") return false;
  const callee = bare(expression.callee as Expression);
  if (callee?.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  return changing.has(callee.property.name) && isOfState(callee.object, state);
}

/** Returns true if a place that is assigned to is one in a state, not a variable. */
function isPartOf(target: Node, state: StateNames): boolean {
  return bare(target as Expression)?.type === "MemberExpression" && isOfState(target, state);
}
