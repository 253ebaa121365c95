import type { AnyNode, Function as FunctionNode, Program } from "acorn";
import { isFunction, namesIn, nodesOf } from "./nodes.ts";

/** The names that are those of constants in a function, or in a module outside of its functions: setting one throws. */
export class Constants {
  /** What the function itself declares: true for a constant; false for what is declared as something else too, in another block. */
  readonly #own = new Map<string, boolean>();

  /** `outer` are those around the function. */
  constructor(
    scope: FunctionNode | Program,
    private readonly outer?: Constants,
  ) {
    if ("params" in scope) {
      if (scope.type === "FunctionExpression" && scope.id) this.#declare(scope.id.name, true);
      for (const each of scope.params) this.#declareAll(each, false);
    }
    for (const node of nodesOf(scope, (each) => each !== scope && isFunction(each))) {
      if (node !== scope) this.#visit(node);
    }
  }

  /** Returns true if a name is certainly a constant's. */
  has(name: string): boolean {
    return this.#own.get(name) ?? this.outer?.has(name) ?? false;
  }

  #visit(node: AnyNode): void {
    switch (node.type) {
      case "VariableDeclaration":
        for (const { id } of node.declarations) this.#declareAll(id, node.kind === "const");
        break;
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        this.#declare(node.local.name, true);
        break;
      case "CatchClause":
        if (node.param) this.#declareAll(node.param, false);
        break;
      case "FunctionDeclaration":
        if (node.id) this.#declare(node.id.name, false);
        break;
      case "ClassDeclaration":
      case "ClassExpression":
        // Within itself its name is a constant.
        if (node.id) this.#declare(node.id.name, true);
    }
  }

  #declareAll(pattern: Parameters<typeof namesIn>[0], isConstant: boolean): void {
    for (const { name } of namesIn(pattern)) this.#declare(name, isConstant);
  }

  #declare(name: string, isConstant: boolean): void {
    this.#own.set(name, isConstant && this.#own.get(name) !== false);
  }
}
