import type { ScriptEvent, UserView } from "../ports/event.ts";
import type { Timeline } from "../ports/timeline.ts";

/** The names that users of a timeline have, by id. */
export class UserNames {
  readonly #names = new Map<string, string>();

  constructor({ users, events }: Timeline) {
    for (const user of users) this.#names.set(user.id, user.name);
    for (const { event } of events) {
      for (const user of usersIn(event)) this.#names.set(user.id, user.name);
    }
  }

  /** Returns a user by its id. */
  of(id: string): { id: string; name?: string } {
    const name = this.#names.get(id);
    return name === undefined ? { id } : { id, name };
  }
}

function usersIn(event: ScriptEvent): readonly UserView[] {
  if (event.kind === "directory") return event.update.users.add;
  return "user" in event && typeof event.user === "object" ? [event.user] : [];
}
