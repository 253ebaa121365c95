import type { AnyNode, Expression, Identifier, Node, Program } from "acorn";
import { excerpt } from "../../core/excerpt.ts";
import { nearest } from "../read/nearest.ts";
import { importedName } from "../syntax/bindings.ts";
import { floatingCalls } from "../syntax/floating_calls.ts";
import { bare, declarations, isFunction, namesIn, nodesOf } from "../syntax/nodes.ts";
import { changes, functionsWithState } from "../syntax/state_changes.ts";
import { type UnheardName, unheardNames } from "../syntax/unheard_names.ts";

/** A warning and the offset that it is about, UTF-16 units. */
interface Finding {
  readonly message: string;
  readonly offset: number;
}

/** Characters of a variable's name in a warning. */
const MAX_NAME = 100;
/** Names without a handler that are told of one module. */
const MAX_UNHEARD = 100;
/** Names of a section among which what was meant is looked for. */
const MAX_CANDIDATES = 1000;
/** Is told of broadcasts to other rooms where there are several room types. */
export const UNKNOWN_TYPE =
  'Which schema of "sends" is meant is not known here: a room does not know the type of another one, so data that fit that of any room type are sent. Emit to that room, and broadcast there.';
/** Collections that nobody makes to leave them empty. */
const collections = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

/**
 * Finds what is worth a second look in a module, for `check`: variables of the module that can change (rooms may share them
 * or not, and an edit forgets them), calls of `refuse` behind a change of the state, broadcasts that no schema checks, measured time in
 * the state, calls of the module's own `async` functions whose promise nobody uses, and names of timers, fetches and emits that the
 * definition does not have.
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
    yield { message: UNKNOWN_TYPE, offset: start };
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
  // What is not among the first is not told.
  const unheard = [...unheardNames(program)].sort((one, other) => one.offset - other.offset);
  for (const each of unheard.slice(0, MAX_UNHEARD)) yield { message: unheardText(each), offset: each.offset };
}

/** Says what becomes of a call that names what its definition has no handler for, and which name was meant. */
function unheardText({ call, section, name, known }: UnheardName): string {
  const missing = `There is no ${section}.${excerpt(name, MAX_NAME)}`;
  const said = {
    schedule: `${missing} to run: this call fails its event.`,
    cancel: `${missing}: this call cancels nothing.`,
    fetch: `${missing}: nobody hears what comes of this fetch.`,
    emit: `${missing}, and no events.emit: nobody hears this.`,
  }[call];
  const meant = known.size <= MAX_CANDIDATES ? nearest(name, known) : undefined;
  return meant === undefined ? said : `${said} Did you mean "${meant}"?`;
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

/** Calls of `refuse` that follow, in the same block, on a statement that changes the state of the function's first argument. */
function* lateRefusals(program: Program): Generator<Node> {
  const refuse = importedName(program, "refuse");
  if (refuse === undefined) return;
  for (const { body, state } of functionsWithState(program)) {
    const found = new Set<Node>();
    for (const block of nodesOf(body, isFunction)) {
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
  for (const { body, state } of functionsWithState(program)) {
    for (const statement of nodesOf(body, isFunction)) {
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

function isCallOf(node: AnyNode, name: string): boolean {
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === name;
}
