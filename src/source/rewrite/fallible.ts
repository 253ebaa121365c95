import type { AnyNode } from "acorn";

/** Returns true if a statement can fail before the engine notes a position by itself. */
export function beginsUnnoted(node: AnyNode | null | undefined): boolean {
  switch (node?.type) {
    case "VariableDeclaration":
      return node.declarations.some(({ id, init }) => id.type !== "Identifier" || canFail(init));
    case "ReturnStatement":
      return canFail(node.argument);
    case "ExportNamedDeclaration":
      return beginsUnnoted(node.declaration);
    case "ExportDefaultDeclaration":
      return isDeclaration(node.declaration) ? beginsUnnoted(node.declaration) : canFail(node.declaration);
    case "LabeledStatement":
      return beginsUnnoted(node.body);
    case "ClassDeclaration":
    case "IfStatement":
    case "SwitchStatement":
      return true;
    default:
      return false;
  }
}

/** Returns true if an expression may get its name from what it is assigned to. */
export function isNameless({ type }: AnyNode): boolean {
  return /^(Arrow)?Function|^Class/.test(type);
}

/** Returns true if a statement is a loop, with or without a label. */
export function isLoop(node: AnyNode): boolean {
  return node.type === "LabeledStatement" ? isLoop(node.body) : /^(For|While|DoWhile)/.test(node.type);
}

/** Returns true if a statement declares a function or a class. */
export function isDeclaration({ type }: AnyNode): boolean {
  return type === "FunctionDeclaration" || type === "ClassDeclaration";
}

function canFail(node: AnyNode | null | undefined): boolean {
  if (node?.type === "ArrayExpression") return node.elements.some(canFail);
  if (node?.type === "ObjectExpression")
    return node.properties.some((each) => each.type !== "Property" || each.computed || canFail(each.value));
  return node ? canFailAtOnce(node) : false;
}

/** Returns true if an expression can fail before the engine notes a position by itself, and may have something in front of it. */
export function canFailAtOnce(node: AnyNode): boolean {
  if (isNameless(node)) return false;
  switch (node.type) {
    case "Literal":
    case "ThisExpression":
    case "ObjectExpression":
    case "ArrayExpression":
    case "TemplateLiteral":
    case "NewExpression":
      return false;
    case "ParenthesizedExpression":
      return canFailAtOnce(node.expression);
    default:
      return true;
  }
}
