import type {
  AnyNode,
  AssignmentExpression,
  BlockStatement,
  CallExpression,
  Class,
  ForInStatement,
  ForOfStatement,
  ForStatement,
  Function as FunctionNode,
  MemberExpression,
  NewExpression,
  Pattern,
  Program,
  Property,
  TryStatement,
  WhileStatement,
} from "acorn";
import { Constants } from "../syntax/constants.ts";
import { namesIn } from "../syntax/nodes.ts";
import { beginsUnnoted, canFailAtOnce, isDeclaration, isLoop, isNameless } from "./fallible.ts";
import type { PositionMarks } from "./position_marks.ts";

type Optional = AnyNode | null | undefined;

/**
 * Puts marks wherever an error would be told at another line than that of what failed. It follows the code in the order in
 * which the engine compiles it: an error is told at the position noted last in that order, whether or not that code ran. The
 * engine itself notes one at calls, `new`, operators with two operands, `throw` and statements that are an expression.
 */
export class ModuleWalk {
  /** Those where the walk is. */
  #constants: Constants | undefined;

  constructor(private readonly marks: PositionMarks) {}

  /** Visits a program that was parsed with its parentheses. */
  program(node: Program): void {
    this.#constants = new Constants(node);
    this.#statements(node.body);
  }

  #statements(list: readonly AnyNode[]): void {
    for (const statement of list) {
      if (isLoop(statement)) this.marks.loop(statement.start);
      else if (beginsUnnoted(statement)) this.marks.statement(statement.start);
      this.marks.parted(statement.start, () => this.#statement(statement));
    }
  }

  #statement(node: Optional): void {
    switch (node?.type) {
      case "ExpressionStatement":
        this.marks.noted(node.start);
        return this.#value(node.expression);
      case "ThrowStatement":
        this.marks.noted(node.argument.start);
        return this.#value(node.argument);
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          this.#pattern(id);
          this.#slot(init);
        }
        return;
      case "ReturnStatement":
        return this.#slot(node.argument);
      case "ExportDefaultDeclaration":
        return isDeclaration(node.declaration)
          ? this.#statement(node.declaration)
          : this.#slot(node.declaration);
      case "ExportNamedDeclaration":
        return this.#statement(node.declaration);
      case "BlockStatement":
        return this.#statements(node.body);
      case "LabeledStatement":
        return this.marks.optional(node.start, () => this.#statement(node.body));
      case "FunctionDeclaration":
        return this.#function(node, node.start);
      case "ClassDeclaration":
        return this.#class(node);
      case "IfStatement":
        this.#slot(node.test);
        this.marks.optional(node.start, () => this.#statement(node.consequent));
        return this.marks.optional(node.start, () => this.#statement(node.alternate));
      case "SwitchStatement":
        this.#slot(node.discriminant);
        for (const { test, consequent } of node.cases) {
          this.#slot(test);
          this.marks.optional(node.start, () => this.#statements(consequent));
        }
        return;
      case "TryStatement":
        return this.marks.optional(node.start, () => this.#try(node));
      case "DoWhileStatement":
        this.#statement(node.body);
        return this.#slot(node.test);
      case "WhileStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#loop(node);
    }
  }

  #try({ block, handler, finalizer }: TryStatement): void {
    this.#statement(block);
    if (handler) {
      // A value that can't be taken apart fails there.
      if (handler.param && handler.param.type !== "Identifier") {
        this.marks.blockEnd(block.end - 1, handler.param.start);
      }
      this.#pattern(handler.param);
      this.#statement(handler.body);
    }
    this.#statement(finalizer);
  }

  /** What a loop does between two rounds, where it can be interrupted too, is told at its head. */
  #loop(node: WhileStatement | ForStatement | ForInStatement | ForOfStatement): void {
    switch (node.type) {
      case "WhileStatement":
        this.#slot(node.test);
        break;
      case "ForStatement":
        if (node.init?.type === "VariableDeclaration") this.#statement(node.init);
        else if (node.init) this.#value(node.init);
        this.#slot(node.test);
        break;
      default:
        if (node.left.type === "VariableDeclaration") this.#statement(node.left);
        else this.#pattern(node.left);
        this.#closed(node.right, node.right.start);
    }
    this.marks.optional(node.start, () => this.#statement(node.body));
    if (node.body.type === "BlockStatement") this.marks.blockEnd(node.body.end - 1, node.start);
    // The engine moves it behind the body.
    if (node.type === "ForStatement") this.#slot(node.update);
  }

  /** An expression in a place where any may stand that is no sequence. */
  #slot(node: Optional): void {
    if (!node) return;
    if (node.type === "SpreadElement") return this.#closed(node.argument, node.start);
    if (node.type === "ParenthesizedExpression") return this.#slot(node.expression);
    if (canFailAtOnce(node)) this.marks.expression(node.start);
    this.#expression(node);
  }

  /** The same, where what is done with its value can fail, too: at `to`. */
  #closed(node: AnyNode, to: number): void {
    if (node.type === "SpreadElement") return this.#closed(node.argument, to);
    // One without a name would be named otherwise, and a sequence has no place there.
    if (isNameless(node) || node.type === "SequenceExpression") return this.#slot(node);
    this.marks.closing(node, to, false, () => this.#slot(node));
  }

  /** An expression of which nothing but the value counts, which may stand beside an operator. */
  #value(node: AnyNode): void {
    if (node.type === "ParenthesizedExpression") this.#closed(node.expression, node.start);
    else this.#expression(node);
  }

  /**
   * An expression that has nothing put in front of it: it begins at a line that is noted, or is a reference. What is in an
   * optional chain has no parentheses put around it, for they would end the chain.
   */
  #expression(node: AnyNode, isInChain = false): void {
    switch (node.type) {
      case "ParenthesizedExpression":
        return this.#expression(node.expression);
      case "ChainExpression":
        return this.marks.optional(node.start, () => this.#expression(node.expression, true));
      case "MemberExpression":
        return this.#member(node, isInChain);
      case "CallExpression":
      case "NewExpression":
        return this.#call(node, isInChain);
      case "BinaryExpression":
        this.#value(node.left);
        if (node.operator !== "**" && node.left.type !== "PrivateIdentifier") {
          this.marks.noted(node.right.start);
        }
        return this.#value(node.right);
      case "LogicalExpression":
        this.#value(node.left);
        return this.marks.optional(node.start, () => this.#operand(node.right));
      case "ConditionalExpression":
        this.#value(node.test);
        this.marks.optional(node.start, () => this.#slot(node.consequent));
        return this.marks.optional(node.start, () => this.#slot(node.alternate));
      case "AssignmentExpression":
        return this.#setting(node, node.left, () => this.#assignment(node));
      case "SequenceExpression":
        for (const each of node.expressions) {
          if (each === node.expressions[0]) this.#expression(each);
          else this.#slot(each);
        }
        return;
      case "UnaryExpression":
        return this.#expression(node.argument);
      case "UpdateExpression":
        return this.#setting(node, node.argument as Pattern, () => this.#expression(node.argument));
      case "AwaitExpression":
      case "YieldExpression":
        return node.argument ? this.#value(node.argument) : undefined;
      case "ImportExpression":
        return this.#slot(node.source);
      case "TemplateLiteral":
        for (const each of node.expressions) this.#slot(each);
        return;
      case "TaggedTemplateExpression":
        this.#expression(node.tag);
        this.marks.noted(node.quasi.start);
        return this.#expression(node.quasi);
      case "ArrayExpression":
        for (const each of node.elements) this.#slot(each);
        return;
      case "ObjectExpression":
        for (const each of node.properties) {
          if (each.type === "SpreadElement") this.#slot(each);
          else this.#property(each);
        }
        return;
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return this.#function(node, node.start);
      case "ClassExpression":
        return this.#class(node);
    }
  }

  #member({ object, property, computed }: MemberExpression, isInChain: boolean): void {
    if (object.type === "ParenthesizedExpression") this.#closed(object.expression, property.start);
    else if (isInChain || object.type === "Super") this.#expression(object, isInChain);
    else this.marks.closing(object, property.start, true, () => this.#expression(object));
    if (computed) this.#slot(property);
  }

  #call(node: CallExpression | NewExpression, isInChain: boolean): void {
    const { callee } = node;
    const name = callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
    if (node.type === "NewExpression") this.marks.noted(callee.start);
    this.#expression(callee, isInChain);
    if (node.type === "CallExpression" && callee.type !== "Super") {
      // The engine has read on to what stands behind the parenthesis.
      this.marks.noted(node.arguments[0]?.start ?? node.end - 1, name.start);
    }
    const last = node.arguments.at(-1);
    for (const each of node.arguments) {
      if (each === last) this.#closed(each, name.start);
      else this.#slot(each);
    }
  }

  /** The right side of `&&`, `||` and `??`, which bind more tightly than what is put in front of an expression. */
  #operand(node: AnyNode): void {
    if (node.type === "ParenthesizedExpression") this.#slot(node.expression);
    else if (canFailAtOnce(node)) this.marks.operand(node, () => this.#expression(node));
    else this.#expression(node);
  }

  /** What sets something fails where that is a constant. */
  #setting(node: AnyNode, target: Pattern, visit: () => void): void {
    for (const { name } of namesIn(target)) {
      if (this.#constants?.has(name)) return this.marks.throwing(node, visit);
    }
    visit();
  }

  #assignment({ left, right }: AssignmentExpression): void {
    this.#pattern(left);
    if (left.type === "MemberExpression") this.#closed(right, left.property.start);
    else this.#slot(right);
  }

  #property(node: Property): void {
    if (node.computed) this.#slot(node.key);
    if (node.method || node.kind !== "init") return this.#function(node.value as FunctionNode, node.start);
    if (!node.shorthand) return this.#slot(node.value);
    // `__proto__: x` would set the prototype.
    if (node.key.type === "Identifier" && node.key.name !== "__proto__") {
      this.marks.shorthand(node.key.name, node.start);
    }
  }

  /** What is declared or assigned to. */
  #pattern(node: Optional): void {
    switch (node?.type) {
      case "ObjectPattern":
        for (const each of node.properties) {
          if (each.type === "Property" && each.computed) this.#slot(each.key);
          this.#pattern(each.type === "Property" ? each.value : each);
        }
        return;
      case "ArrayPattern":
        for (const each of node.elements) this.#pattern(each);
        return;
      case "RestElement":
        return this.#pattern(node.argument);
      case "AssignmentPattern":
        this.#pattern(node.left);
        return this.marks.optional(node.left.start, () => this.#closed(node.right, node.left.start));
      case "MemberExpression":
        return this.#expression(node);
    }
  }

  /** A function has positions of its own, the first of them that of its head. */
  #function(node: FunctionNode, head: number): void {
    const { params, body } = node;
    const line = this.marks.lineAt(head);
    const isOneLine = line === this.marks.lineAt((params[0] ?? body).start);
    const outer = this.#constants;
    this.#constants = new Constants(node, outer);
    this.marks.within(isOneLine ? line : 0, () => {
      for (const each of params) this.#pattern(each);
      if (body.type === "BlockStatement") this.#statements((body as BlockStatement).body);
      else this.#slot(body);
    });
    this.#constants = outer;
  }

  #class({ superClass, body }: Class): void {
    if (superClass) this.#value(superClass);
    for (const each of body.body) {
      if (each.type === "StaticBlock") {
        this.marks.within(0, () => this.#statements(each.body));
        continue;
      }
      if (each.computed) this.#slot(each.key);
      if (each.type === "MethodDefinition") this.#function(each.value, each.start);
      // What fields begin with is made a function by the engine, whose positions begin nowhere.
      else this.marks.within(0, () => this.#slot(each.value));
    }
  }
}
