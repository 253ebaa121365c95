import { attempt } from "../problem.tsx";
import { cut, inLine, SHOWN_TEXT } from "../words.ts";
import { type Edit, editsBy } from "./tree_edits.ts";
import { Tree } from "./tree.tsx";

interface StateParts {
  /** As it was read, or why it could not be. */
  readonly read: { readonly value?: unknown; readonly problem?: string };
  /** Whose it is: "room", "application". */
  readonly owner: string;
  /** Absent where it can't be edited. */
  readonly editor?:
    | {
        /** Rejects with code `changed` where something else is there than expected. */
        edit(edit: Edit): Promise<void>;
      }
    | undefined;
}

/** The state of a script as it is now. */
export function StateTree({ read: { value, problem }, owner, editor }: StateParts) {
  if (problem) return <p class="wrong">{problem}</p>;
  if (value === undefined) return <p class="faint">This {owner} keeps no state.</p>;
  const edits = editor && editsBy((edit) => void attempt(() => editSeen(editor, edit)));
  return (
    <div class="tree" data-state="now">
      <Tree value={value} edits={edits} />
    </div>
  );
}

/** Makes an edit of what is shown; where something else is there by now it is for whoever edits to say. */
async function editSeen(editor: NonNullable<StateParts["editor"]>, edit: Edit): Promise<void> {
  try {
    await editor.edit(edit);
  } catch (error) {
    const { code, data } = error as { code?: string; data?: { now?: unknown } };
    if (code !== "changed") throw error;
    const now = data?.now === undefined ? "" : `: now it is ${inLine(data.now, SHOWN_TEXT)}`;
    const place = cut(edit.path.join("."), SHOWN_TEXT);
    if (!confirm(`What was at ${place} has changed meanwhile${now}. Edit it all the same?`)) return;
    const { expected: _, ...anyway } = edit;
    await editor.edit(anyway);
  }
}
