import { useSignal } from "@preact/signals";
import type { ConnectionView } from "../../core/control/connection_control.ts";
import { hrefOf } from "../parts/address.ts";
import { attempt, Empty } from "../parts/problem.tsx";
import { counted, cut, span } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { useLooks } from "../server/looks.ts";
import { type ApplicationOverview, now } from "../server/overview.ts";
import { may } from "../server/scopes.ts";
import { ConnectionTrouble, Reach } from "./connection_trouble.tsx";

/** Users that are shown, and rooms of each. */
const MOST_USERS = 200;
const MOST_ROOMS = 6;
/** Between two looks, ms. */
const INTERVAL_MS = 2000;

/** A user with its session. */
interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly rooms: readonly string[];
  readonly roomCount: number;
  readonly watchCount: number;
}

interface ListedSession {
  readonly user: { readonly id: string };
  readonly number: number;
  readonly until?: number;
  readonly received: number;
}

/** Who is logged in, who is away and for how long it may be, what its client has got, and what can be done about them. */
export function UsersPage({ application: { name, userCount } }: { application: ApplicationOverview }) {
  const users = useSignal<readonly ListedUser[] | undefined>(undefined);
  const sessions = useSignal<ReadonlyMap<string, ListedSession>>(new Map());
  const connections = useSignal<ReadonlyMap<string, ConnectionView>>(new Map());
  const search = useSignal("");
  const limit = `?limit=${MOST_USERS}`;
  useLooks(
    () =>
      Promise.all([
        ask<{ users: ListedUser[] }>("GET", api(name, "users") + limit),
        ask<{ sessions: ListedSession[] }>("GET", api(name, "sessions") + limit),
        ask<{ connections: ConnectionView[] }>("GET", api(name, "connections") + limit),
      ]),
    ([one, other, links]) => {
      users.value = one.users;
      sessions.value = new Map(other.sessions.map((session) => [session.user.id, session]));
      connections.value = new Map(links.connections.map((link) => [link.user?.id ?? "", link]));
    },
    INTERVAL_MS,
    [name],
  );
  if (users.value?.length === 0)
    return (
      <Empty title="Nobody is logged in.">
        <p>
          Let <a href={hrefOf("a", name, "players")}>a player</a> log in, or open its page.
        </p>
      </Empty>
    );
  const wanted = search.value.toLowerCase();
  const shown = (users.value ?? []).filter((user) => user.name.toLowerCase().includes(wanted));
  return (
    <section aria-label="Users">
      <div class="bar">
        <input
          type="search"
          aria-label="Filter users by name"
          placeholder="Filter  /"
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
        <span class="end faint" role="status">
          {userCount > MOST_USERS && `the first ${MOST_USERS} of `}
          {userCount.toLocaleString("en")} logged in
        </span>
      </div>
      {users.value && shown.length === 0 && <p class="hint">Nobody here is called so.</p>}
      <ul class="list">
        {shown.map((user) => (
          <li key={user.id} data-user={user.name}>
            <UserItem
              application={name}
              user={user}
              session={sessions.value.get(user.id)}
              connection={connections.value.get(user.id)}
              changed={(link) => (connections.value = new Map(connections.value).set(user.id, link))}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface UserParts {
  readonly application: string;
  readonly user: ListedUser;
  readonly session: ListedSession | undefined;
  readonly connection: ConnectionView | undefined;
  readonly changed: (connection: ConnectionView) => void;
}

function UserItem({ application, user, session, connection, changed }: UserParts) {
  const { id, name, connected, rooms, roomCount, watchCount } = user;
  const rest = roomCount - Math.min(rooms.length, MOST_ROOMS);
  const putOut = () =>
    attempt(async () => {
      if (confirm(`Put ${cut(name, 80)} out, and end its session?`))
        await ask("DELETE", api(application, "users", id));
    });
  return (
    <div class="row-line">
      <span class={`dot ${connected ? "good" : "warn"}`} />
      <strong class="cut">{name}</strong>
      <span class="version">{id}</span>
      <span class="faint">
        {connected
          ? "connected"
          : `away${session?.until === undefined ? "" : `, may come back for ${span(Math.max(0, session.until - now.value))}`}`}
        {session && ` · ${counted(session.received, "frame")} taken`}
        {session && session.number > 1 && ` · session ${session.number}`}
        {watchCount > 0 && ` · watches ${watchCount}`}
      </span>
      <ul class="chips">
        {rooms.slice(0, MOST_ROOMS).map((room) => (
          <li key={room}>
            <a class="chip" href={hrefOf("a", application, "rooms", room)}>
              <span class="cut">{room}</span>
            </a>
          </li>
        ))}
        {rest > 0 && <li class="faint">and {rest} more</li>}
      </ul>
      {connection && <Reach connection={connection} />}
      {connection?.state === "online" && (
        <ConnectionTrouble application={application} connection={connection} changed={changed} />
      )}
      <button
        type="button"
        class={`small quiet danger ${connection?.state === "online" ? "" : "end"}`}
        disabled={!may("operate")}
        onClick={putOut}
      >
        Put out
      </button>
    </div>
  );
}
