import type { AnyNode, CallExpression, Expression, Identifier, Node, Program } from "acorn";
import { excerpt } from "../../core/excerpt.ts";
import { namesIn, nodesOf } from "../syntax/nodes.ts";

/** A warning and the offset that it is about, UTF-16 units. */
interface Finding {
  readonly message: string;
  readonly offset: number;
}

/** Characters of a variable's name in a warning. */
const MAX_NAME = 100;
/** Collections that nobody makes to leave them empty. */
const collections = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

/**
 * Finds what is worth a second look in a module, for `check`: variables of the module that can change (rooms may share them
 * or not, and an edit forgets them), calls of `refuse` behind a change of the state, broadcasts that no schema checks, measured time in
 * the state, and calls of the module's own `async` functions whose promise nobody uses.
 */
export function* findWarnings(program: Program): Generator<Finding> {
  const isLost = isDurable(program)
    ? "it is lost when a file is saved, and a durable room comes back to another state than it had"
    : "it is lost when a file is saved";
  for (const { name, start } of mutableVariables(program)) {
    const shown = excerpt(name, MAX_NAME);
    yield {
      message: `Variable "${shown}" of the module can change: rooms may share it or not, and ${isLost}. Keep what must last in room.state.`,
      offset: start,
    };
  }
  for (const { start } of lateRefusals(program)) {
    yield {
      message:
        "This refuse comes behind a change of the state, which stays though the request is refused. Check first, then change.",
      offset: start,
    };
  }
  for (const { start } of uncheckedBroadcasts(program)) {
    yield {
      message:
        'No schema of "sends" checks this: a room does not know the type of another one. Emit to that room, and broadcast there.',
      offset: start,
    };
  }
  for (const { start } of keptMeasures(program)) {
    yield {
      message:
        "performance.now() gives another time when the event is replayed, and the state another value than it had. Use Date.now().",
      offset: start,
    };
  }
  for (const { name, start } of floatingCalls(program)) {
    const shown = excerpt(name, MAX_NAME);
    yield {
      message: `Nothing waits for "${shown}()": if its promise is rejected, nobody is told. Await it, or write "void ${shown}()" where it sees to its own errors.`,
      offset: start,
    };
  }
}

/** Declarations at the top of a module, exported or not. */
function* declarations({ body }: Program) {
  for (const statement of body) {
    const isExport =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
    yield isExport ? statement.declaration : statement;
  }
}

/** Variables declared with `let` or `var` at the top of a module, and constants that start as empty containers. */
function* mutableVariables(program: Program): Generator<Identifier> {
  for (const declaration of declarations(program)) {
    if (declaration?.type !== "VariableDeclaration") continue;
    const { kind } = declaration;
    for (const { id, init } of declaration.declarations) {
      if (kind === "let" || kind === "var") yield* namesIn(id);
      else if (kind === "const" && id.type === "Identifier" && isEmptyContainer(init)) yield id;
    }
  }
}

/** Returns true if a module's default export is given to its definition with `durable: true`. */
function isDurable(program: Program): boolean {
  const durable = inDefinition(program, "durable");
  return durable?.type === "Literal" && durable.value === true;
}

/** Returns what the definition of a module has by a key; undefined where that can't be told from its text. */
function inDefinition({ body }: Program, key: string): AnyNode | undefined {
  const exported = body.find((statement) => statement.type === "ExportDefaultDeclaration");
  if (exported?.declaration.type !== "CallExpression") return undefined;
  const [definition] = exported.declaration.arguments;
  if (definition?.type !== "ObjectExpression") return undefined;
  for (const property of definition.properties) {
    if (property.type !== "Property" || property.key.type !== "Identifier") continue;
    if (property.key.name === key) return property.value as AnyNode;
  }
  return undefined;
}

/** Broadcasts of a room to another one, in a module that declares what it sends: `room.application.room(name).broadcast`. */
function* uncheckedBroadcasts(program: Program): Generator<Node> {
  if (!inDefinition(program, "sends")) return;
  for (const node of nodesOf(program)) {
    const room = node.type === "CallExpression" ? ownerOf(node.callee, "broadcast") : undefined;
    const application = room?.type === "CallExpression" ? ownerOf(room.callee, "room") : undefined;
    if (application && ownerOf(application, "application")) yield node;
  }
}

/** Returns what `name` is a property of in an expression. */
function ownerOf(expression: Node, name: string): AnyNode | undefined {
  const member = bare(expression as Expression);
  if (member?.type !== "MemberExpression" || member.computed) return undefined;
  const isNamed = member.property.type === "Identifier" && member.property.name === name;
  return isNamed ? (bare(member.object as Expression) as AnyNode) : undefined;
}

function isEmptyContainer(expression: Expression | null | undefined): boolean {
  const init = bare(expression);
  if (init?.type === "ArrayExpression") return init.elements.length === 0;
  if (init?.type === "ObjectExpression") return init.properties.length === 0;
  if (init?.type !== "NewExpression" || init.arguments.length > 0) return false;
  return init.callee.type === "Identifier" && collections.has(init.callee.name);
}

/**
 * Calls that are statements of their own, of `async` functions declared at the top of the module: whether such a promise is
 * rejected nobody is told. Names that are bound or assigned a second time anywhere in the module are passed over.
 */
function* floatingCalls(program: Program): Generator<Identifier> {
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

/** Calls of `refuse` that follow, in the same block, on a statement that changes the state of the function's first argument. */
function* lateRefusals(program: Program): Generator<Node> {
  const refuse = importedRefuse(program);
  if (refuse === undefined) return;
  for (const node of nodesOf(program)) {
    if (!isFunction(node) || node.body.type !== "BlockStatement") continue;
    const [owner] = node.params;
    const state = stateNames(node.body, owner?.type === "Identifier" ? owner.name : undefined);
    if (!state) continue;
    const found = new Set<Node>();
    for (const block of nodesOf(node.body, isFunction)) {
      if (block.type !== "BlockStatement") continue;
      const first = block.body.findIndex((statement) => changes(statement, state));
      if (first < 0) continue;
      for (const statement of block.body.slice(first + 1)) {
        for (const call of nodesOf(statement, isFunction)) if (isCallOf(call, refuse)) found.add(call);
      }
    }
    yield* found;
  }
}

/** Calls of `performance.now` in statements that change the state of the function's first argument. */
function* keptMeasures(program: Program): Generator<Node> {
  for (const node of nodesOf(program)) {
    if (!isFunction(node) || node.body.type !== "BlockStatement") continue;
    const [owner] = node.params;
    const state = stateNames(node.body, owner?.type === "Identifier" ? owner.name : undefined);
    if (!state) continue;
    for (const statement of nodesOf(node.body, isFunction)) {
      if (!changes(statement, state)) continue;
      for (const each of nodesOf(statement, isFunction)) if (isMeasure(each)) yield each;
    }
  }
}

function isMeasure(node: AnyNode): boolean {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
  const { object, property } = node.callee;
  if (object.type !== "Identifier" || property.type !== "Identifier") return false;
  return object.name === "performance" && property.name === "now";
}

/** The name by which a module knows `refuse`. */
function importedRefuse({ body }: Program): string | undefined {
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration" || statement.source.value !== "hotroom") continue;
    for (const each of statement.specifiers) {
      if (each.type !== "ImportSpecifier" || each.imported.type !== "Identifier") continue;
      if (each.imported.name === "refuse") return each.local.name;
    }
  }
  return undefined;
}

/** By which names a function knows a state: that of its owner, and those of what it has taken out of it. */
interface StateNames {
  readonly owner: string;
  readonly parts: Set<string>;
}

/** The names of the state that belongs to the argument `owner` in a function's body; undefined if there is none. */
function stateNames(body: Node, owner: string | undefined): StateNames | undefined {
  if (owner === undefined) return undefined;
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
function changes(statement: Node, state: StateNames): boolean {
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

function isCallOf(node: AnyNode, name: string): boolean {
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === name;
}

function isFunction(node: AnyNode) {
  const { type } = node;
  return (
    type === "FunctionExpression" || type === "ArrowFunctionExpression" || type === "FunctionDeclaration"
  );
}

/** An expression without the parentheses around it. */
function bare(expression: Expression | null | undefined): Expression | null | undefined {
  let inner = expression;
  while (inner?.type === "ParenthesizedExpression") inner = inner.expression;
  return inner;
}

/** Names that a node by itself gives a meaning to: what it declares, takes as a parameter, or assigns. */
function* bindingsOf(node: AnyNode): Generator<Identifier> {
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
