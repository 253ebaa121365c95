import { attempt } from "../problem.tsx";
import type { Path } from "./tree_edits.ts";
import { Tree } from "./tree.tsx";

interface StateParts {
  /** As it was read, or why it could not be. */
  readonly read: { readonly value?: unknown; readonly problem?: string };
  /** Whose it is: "room", "application". */
  readonly owner: string;
  /** Absent where it can't be edited. */
  readonly editor?:
    | {
        put(path: Path, value: unknown): Promise<void>;
        takeOut(path: Path): Promise<void>;
      }
    | undefined;
}

/** The state of a script as it is now. */
export function StateTree({ read: { value, problem }, owner, editor }: StateParts) {
  if (problem) return <p class="wrong">{problem}</p>;
  if (value === undefined) return <p class="faint">This {owner} keeps no state.</p>;
  const edits = editor && {
    put: (path: Path, next: unknown) => void attempt(() => editor.put(path, next)),
    takeOut: (path: Path) => void attempt(() => editor.takeOut(path)),
  };
  return (
    <div class="tree" data-state="now">
      <Tree value={value} edits={edits} />
    </div>
  );
}
