import { useEffect, useMemo } from "preact/hooks";
import type { RoomView } from "../../core/view/server_view.ts";
import { go, hrefOf } from "../parts/address.ts";
import { attempt, Empty } from "../parts/problem.tsx";
import { age, bytes, counted, cut, span } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { type ApplicationOverview, now } from "../server/overview.ts";
import { LiveRoom } from "./live_room.ts";
import { StatePanel } from "./state_panel.tsx";
import { Timeline } from "./timeline.ts";
import { TimelinePanel } from "./timeline_panel.tsx";

/** One room: its figures, its users, its state, and what has happened in it. */
export function RoomPage({
  application: { name, version },
  room,
}: {
  application: ApplicationOverview;
  room: string;
}) {
  const live = useMemo(() => new LiveRoom(name, room), [name, room]);
  const timeline = useMemo(() => new Timeline(name, room), [name, room]);
  useEffect(() => () => live.close(), [live]);
  const { detail, isGone, problem } = live;
  if (isGone.value && !detail.value)
    return (
      <Empty title={`The room “${cut(room, 80)}” is not open.`}>
        <p>
          <a href={hrefOf("a", name, "rooms")}>See those that are</a>
        </p>
      </Empty>
    );
  return (
    <section class="room" aria-label={`Room ${room}`}>
      <div class="bar">
        <a href={hrefOf("a", name, "rooms")} aria-label="All rooms">
          ←
        </a>
        <h2>{room}</h2>
        {detail.value && <Facts detail={detail.value} live={version} />}
        {isGone.value && <strong class="wrong">closed</strong>}
        <span class="end actions">
          <a href={hrefOf("a", name, "players")}>Players</a>
          <button
            type="button"
            class="small quiet danger"
            disabled={isGone.value}
            onClick={() => closeRoom(name, room)}
          >
            Close the room
          </button>
        </span>
      </div>
      {problem.value && (
        <p class="wrong" role="status">
          {problem.value}
        </p>
      )}
      <div class="room-columns">
        <div class="stack">
          <StatePanel live={live} timeline={timeline} />
          {detail.value && <Users detail={detail.value} />}
        </div>
        <TimelinePanel timeline={timeline} events={detail.value?.usage.events ?? 0} />
      </div>
    </section>
  );
}

function closeRoom(application: string, room: string) {
  return attempt(async () => {
    if (!confirm(`Close the room “${cut(room, 80)}” for everybody in it?`)) return;
    await ask("DELETE", api(application, "rooms", room));
    go("a", application, "rooms");
  });
}

function Facts({ detail, live }: { detail: RoomView; live: string | undefined }) {
  const { type, version, createdAt, usage, script } = detail;
  const failures = Object.values(usage.failures).reduce((sum, count) => sum + count, 0);
  return (
    <span class="facts">
      {type} · <span class={version === live ? "version" : "version other"}>{version}</span> · open for{" "}
      {age(createdAt, now.value)} · {counted(usage.events, "event")}, {span(usage.cpu)}
      {script.sandbox && ` · ${bytes(script.sandbox.memory)}`}
      {script.waiting > 0 && ` · ${counted(script.waiting, "event")} wait`}
      {failures > 0 && <span class="wrong"> · {failures} failed</span>}
    </span>
  );
}

function Users({ detail: { users, userCount, maxUsers, watcherCount } }: { detail: RoomView }) {
  return (
    <section class="panel" aria-labelledby="users-title">
      <h3 id="users-title">
        {maxUsers === null ? counted(userCount, "user") : `${userCount} of ${counted(maxUsers, "user")}`}
        {watcherCount > 0 && <span class="faint"> · {watcherCount} watch</span>}
      </h3>
      {users.length === 0 ? (
        <p class="faint">Nobody is here.</p>
      ) : (
        <ul class="chips">
          {users.map(({ id, name }) => (
            <li key={id} class="chip" title={id}>
              <span class="cut">{name}</span>
            </li>
          ))}
          {userCount > users.length && (
            <li class="faint">and {(userCount - users.length).toLocaleString("en")} more</li>
          )}
        </ul>
      )}
    </section>
  );
}
