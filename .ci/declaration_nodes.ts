/** What a parsed declaration says of itself: its parts, its types, its parameters, its comment. */
import { typescriptLanguage } from "@codemirror/lang-javascript";

/** Characters of a sentence. */
const MOST_DOC = 160;

/** A node of a parsed text, by the parser's own package. */
export type Node = ReturnType<typeof typescriptLanguage.parser.parse>["topNode"];

/** Returns what declarations consist of, at the top of a text. */
export function declarationsIn(text: string): Node[] {
  return childrenOf(typescriptLanguage.parser.parse(text).topNode);
}

/** Returns the nodes directly below one. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** Returns the types that a node lists, without what stands between them. */
export function typesIn(node: Node | null): Node[] {
  return node ? childrenOf(node).filter(({ name }) => /^[A-Z]\w*(?:Type|Name|Signature)$/.test(name)) : [];
}

/** Returns what an interface extends. */
export function basesOf(node: Node): Node[] {
  return node.getChild("extends")
    ? typesIn(node).filter(({ name }) => /^(?:TypeName|ParameterizedType)$/.test(name))
    : [];
}

/** Returns the type parameters of a declaration, each with what it is where it is not given. */
export function parametersOfType(node: Node, text: string): { name: string; fallback: Node | null }[] {
  const found: { name: string; fallback: Node | null }[] = [];
  for (const each of childrenOf(node.getChild("TypeParamList") ?? node).filter(
    ({ parent }) => parent?.name === "TypeParamList",
  )) {
    if (each.name === "TypeDefinition") found.push({ name: textOf(each, text), fallback: null });
    const last = found.at(-1);
    if (each.name === "Equals" && last) last.fallback = each.nextSibling;
  }
  return found;
}

/** Returns the parameters of a function or method, each with its type, and the mark that it is shown with: `?` for optional, `…` for the rest. */
export function parameterNodes(node: Node): { name: Node; type: Node | null; mark: string }[] {
  const found: { name: Node; type: Node | null; mark: string }[] = [];
  let isRest = false;
  for (const each of childrenOf(node.getChild("ParamList") ?? node)) {
    if (each.parent?.name !== "ParamList") break;
    if (each.name === "Spread") isRest = true;
    if (each.name === "VariableDefinition") found.push({ name: each, type: null, mark: isRest ? "…" : "" });
    const last = found.at(-1);
    if (each.name === "Optional" && last) last.mark = "?";
    if (each.name === "TypeAnnotation" && last) last.type = each.lastChild;
  }
  return found;
}

/** Returns the parameters of a function or method as text: `(name, ms, data?)`. */
export function parametersIn(node: Node, text: string): string {
  const names = parameterNodes(node).map(({ name, mark }) =>
    mark === "…" ? `${mark}${textOf(name, text)}` : textOf(name, text) + mark,
  );
  return `(${names.join(", ")})`;
}

/** Returns the text of a node. */
export function textOf(node: Node, text: string): string {
  return text.slice(node.from, node.to);
}

/** Returns the first sentence of the comment before a node; "" without one. */
export function docOf(node: Node, text: string): string {
  const comment = node.prevSibling;
  if (comment?.name !== "BlockComment" || !textOf(comment, text).startsWith("/**")) return "";
  const lines = textOf(comment, text).slice(3, -2).split("\n");
  const whole = lines
    .map((line) => line.replace(/^\s*\*?\s*/, ""))
    .join(" ")
    .trim();
  const [sentence = ""] = whole.split(/ (?=```)|(?<=[.!?]) /, 1);
  return sentence.length <= MOST_DOC ? sentence : `${sentence.slice(0, MOST_DOC - 1)}…`;
}
