import type { Application } from "../application/application.ts";
import type { User } from "./user.ts";

/** How users go: out of all rooms, then out of the application, each handler called once and in that order. */
export class Departures {
  constructor(private readonly application: Application) {}

  /** Starts a departure, or joins the one under way; resolves when `logout` was handled. `lost`: the connection is gone. */
  start(user: User, lost: boolean): Promise<void> {
    if (user.departure) {
      // The connection was lost while a logout was under way.
      if (lost)
        this.application.dispatch({ kind: "disconnect", connection: user.connection.id, user: user.id });
      return user.departure;
    }
    user.departure = this.#depart(user, lost);
    return user.departure;
  }

  async #depart(user: User, lost: boolean): Promise<void> {
    const { application } = this;
    if (lost) {
      for (const room of user.rooms)
        room.extension.dispatch({ kind: "disconnect", connection: user.connection.id, user: user.id });
      application.dispatch({ kind: "disconnect", connection: user.connection.id, user: user.id });
    }
    for (const room of [...user.watched]) room.unwatch(user);
    // A join that its script is answering now either puts the user in, so that it leaves with the rest, or does not.
    await Promise.allSettled(user.joining);
    await Promise.all(Array.from(user.rooms, (room) => room.leave(user)));
    application.forget(user);
    await new Promise<void>((resolve) => {
      if (!application.extension) return resolve();
      application.dispatch({ kind: "logout", user: user.view }, { after: () => resolve() });
    });
  }
}
