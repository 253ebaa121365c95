import { useEffect, useMemo } from "preact/hooks";
import { go, hrefOf } from "../parts/address.ts";
import { attempt, Empty } from "../parts/problem.tsx";
import { age, bytes, counted, cut, standings } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { type ApplicationOverview, now } from "../server/overview.ts";
import { LiveRoom, type RoomDetail } from "./live_room.ts";
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
        <TimelinePanel timeline={timeline} events={detail.value?.events ?? 0} />
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

function Facts({ detail, live }: { detail: RoomDetail; live: string | undefined }) {
  const { type, version, why, since, load, memory, waiting, failures, durable } = detail;
  return (
    <span class="facts">
      {type} · <span class={version === live ? "version" : "version other"}>{version}</span>{" "}
      {standings[why] ?? why}, {age(since, now.value)}
      {durable && " · durable"}
      {load !== null && load !== undefined && ` · CPU ${Math.round(load) / 10} %`}
      {memory !== null && memory !== undefined && ` · ${bytes(memory)}`}
      {waiting > 0 && ` · ${counted(waiting, "event")} wait`}
      {failures > 0 && <span class="wrong"> · {failures} failed</span>}
    </span>
  );
}

function Users({ detail: { list, users, maxUsers, watchers } }: { detail: RoomDetail }) {
  return (
    <section class="panel" aria-labelledby="users-title">
      <h3 id="users-title">
        {maxUsers === null ? counted(users, "user") : `${users} of ${counted(maxUsers, "user")}`}
        {watchers > 0 && <span class="faint"> · {watchers} watch</span>}
      </h3>
      {list.length === 0 ? (
        <p class="faint">Nobody is here.</p>
      ) : (
        <ul class="chips">
          {list.map(({ id, name, connected }) => (
            <li key={id} class="chip" title={id}>
              <span class={`dot ${connected === false ? "warn" : "good"}`} />
              <span class="cut">{name}</span>
              {connected === false && <span class="faint">away</span>}
            </li>
          ))}
          {users > list.length && (
            <li class="faint">and {(users - list.length).toLocaleString("en")} more</li>
          )}
        </ul>
      )}
    </section>
  );
}
