import type { Program } from "acorn";
import { withPositions } from "../../core/source_position.ts";
import { LineTable } from "./line_table.ts";
import { ModuleWalk } from "./module_walk.ts";
import { positionMap } from "./position_map.ts";
import { PositionMarks } from "./position_marks.ts";

/**
 * Returns a module that does the same, and whose errors the script engine tells at the line of what failed
 * (docs/decisions/0010-positions.md). `program` is the module, parsed with its parentheses. One that is nested too deeply for
 * that is returned as it is.
 */
export function markedCode(code: string, program: Program): string {
  const lines = new LineTable(code);
  const found = new PositionMarks((offset) => lines.line(offset));
  try {
    new ModuleWalk(found).program(program);
  } catch (error) {
    if (error instanceof RangeError) return code;
    throw error;
  }
  found.marks.sort((a, b) => a.at - b.at);
  let marked = "";
  let copied = 0;
  for (const { at, text } of found.marks) {
    marked += code.slice(copied, at) + text;
    copied = at;
  }
  return withPositions(marked + code.slice(copied), positionMap(lines, found));
}
