import type { ServerView } from "../../core/view/server_view.ts";
import { changesOf, type Look } from "./live_event.ts";
import { NamedRows } from "./named_rows.ts";

/** Returns what looks at the server, its script hosts and its applications. */
export function serverLook(view: ServerView): Look {
  const known = new NamedRows();
  let before: object | undefined;
  return () => {
    const now = { ...view.process, state: view.state(), hosts: view.hosts(), store: view.store() };
    const server = changesOf(before, now);
    before = now;
    const applications = known.changes(view.applications());
    return [
      ...(server ? [{ event: "server", data: server }] : []),
      ...(Object.keys(applications).length > 0 ? [{ event: "applications", data: applications }] : []),
    ];
  };
}
