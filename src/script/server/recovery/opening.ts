import type { DirectoryUpdate } from "../../../core/ports/event.ts";
import type { Task } from "../../wire/batch/task.ts";
import { Call } from "../sandbox/call.ts";

/** What an entry of a directory takes in the server's memory beside its texts, UTF-16 units. */
const ENTRY_UNITS = 64;

/** What opens a script in a sandbox: a call that gives it its state, and others that tell it, piece by piece, who is there. */
export class Opening {
  readonly call: Call;
  #pieces: readonly Call[] | undefined;

  /** `task` opens the script, `updates` are told behind it: who is there. */
  constructor(
    task: Task,
    readonly updates: readonly DirectoryUpdate[] = [],
  ) {
    this.call = new Call(task);
  }

  /** The calls in the order in which they are posted; the first one opens the script. */
  get calls(): readonly Call[] {
    return [this.call, ...this.pieces];
  }

  /** The calls behind the first; the same ones each time, since they may be suspected. */
  get pieces(): readonly Call[] {
    this.#pieces ??= this.updates.map((update) => new Call({ kind: "directory", update }));
    return this.#pieces;
  }

  /** About how many bytes of a sandbox's memory the script takes at least: what it is opened with is in there. */
  get weight(): number {
    return this.calls.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** The text that the script is opened with. */
  get request(): string {
    const { task } = this.call;
    return task.kind === "open" ? task.request : "";
  }

  /** About how many UTF-16 units of the server's memory the updates take; their texts are those of the users themselves. */
  get directoryUnits(): number {
    let entries = 0;
    for (const { users, rooms, watchers, members } of this.updates) {
      entries += users.add.length + rooms.add.length;
      entries += (watchers?.add.length ?? 0) + (members?.add.length ?? 0);
    }
    return entries * ENTRY_UNITS;
  }

  /** Returns an opening with the same calls, free of suspicion. */
  copy(): Opening {
    return new Opening(this.call.task, this.updates);
  }
}
