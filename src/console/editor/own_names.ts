import type { Node, ScriptTypes } from "./script_types.ts";

/** The part of a definition whose names a method takes as a text, by the method; and which argument that is. */
const takers = new Map<string, { readonly part: string; readonly at: number }>([
  ["broadcast", { part: "sends", at: 0 }],
  ["cancel", { part: "timers", at: 0 }],
  ["emit", { part: "emits", at: 0 }],
  ["fetch", { part: "fetches", at: 0 }],
  ["schedule", { part: "timers", at: 0 }],
  ["send", { part: "sends", at: 1 }],
]);

/** Names that the definition in a script gives itself. */
export class OwnNames {
  constructor(
    private readonly script: Node,
    private readonly types: ScriptTypes,
  ) {}

  /** The names that a text at this place may be: timers of `room.schedule("…")`, what `sends` declares of `room.broadcast("…")`. */
  ofText(text: Node): string[] {
    const call = text.parent?.name === "ArgList" ? text.parent.parent : null;
    const method = call?.firstChild?.getChild("PropertyName");
    const taker = method ? takers.get(this.types.textOf(method)) : undefined;
    const subject = this.types.typeOf(call?.firstChild?.firstChild ?? null);
    if (!taker || (subject !== "Room" && subject !== "Application")) return [];
    return before(text) === taker.at ? this.#keysOf(this.#part(taker.part)) : [];
  }

  /** The keys of the state that a new room, or the application, has. */
  ofState(): string[] {
    const made = this.#part("state");
    const inner = made?.name === "ArrowFunction" ? made.lastChild : null;
    return this.#keysOf(
      inner?.name === "ParenthesizedExpression" ? (inner.firstChild?.nextSibling ?? null) : null,
    );
  }

  /** What the definition that the script exports has under a key. */
  #part(name: string): Node | null {
    const exported = this.script.getChildren("ExportDeclaration").find((each) => each.getChild("default"));
    const call = exported?.getChild("CallExpression");
    const definition = call?.getChild("ArgList")?.getChild("ObjectExpression");
    const property = definition?.getChildren("Property").find((each) => this.#keyOf(each) === name);
    return property?.lastChild ?? null;
  }

  #keysOf(object: Node | null): string[] {
    if (object?.name !== "ObjectExpression") return [];
    return object.getChildren("Property").map((each) => this.#keyOf(each));
  }

  #keyOf(property: Node): string {
    const { firstChild } = property;
    return firstChild ? this.types.textOf(firstChild).replace(/^["']|["']$/g, "") : "";
  }
}

/** How many arguments stand before one. */
function before(argument: Node): number {
  let count = 0;
  for (let each = argument.prevSibling; each; each = each.prevSibling) if (each.name === ",") count++;
  return count;
}
