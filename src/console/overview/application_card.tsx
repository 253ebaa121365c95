import { useEffect } from "preact/hooks";
import { editorOf, editorOnLine, hrefOf } from "../parts/address.ts";
import { CodeFrame } from "../parts/code_frame.tsx";
import { age, counted, standings } from "../parts/words.ts";
import { askVersions, versions } from "../server/feed.ts";
import { invitationOf } from "../server/invitations.ts";
import { pageOf } from "../server/pages.ts";
import { type ApplicationOverview, now } from "../server/overview.ts";

/** Rooms that a card names. */
const SHOWN_ROOMS = 6;

/** One application on the first page. */
export function ApplicationCard({ application }: { application: ApplicationOverview }) {
  const { name, version, error, status } = application;
  const failed = status === "failed";
  const invitation = invitationOf(application);
  useEffect(() => {
    if (version !== undefined) askVersions(name);
  }, [name, version]);
  return (
    <article class="card" data-application={name}>
      <div class="card-head">
        <span class={`dot ${failed ? "bad" : error ? "warn" : "good"}`} />
        <h2>
          <a href={hrefOf("a", name)}>{name}</a>
        </h2>
        {version && <span class="version">{version}</span>}
        <span class="why">{failed ? "not running" : whyOf(application)}</span>
        <span class="end actions">
          {!failed && <a href={hrefOf("a", name, "players")}>Players</a>}
          {pageOf(application) && (
            <a href={pageOf(application)} target="_blank" rel="noopener" aria-label={`Page of ${name}`}>
              Page ↗
            </a>
          )}
        </span>
      </div>
      {!failed && (
        <p class="facts">
          {counted(application.userCount, "user")} · {counted(application.connectionCount, "connection")} ·{" "}
          {counted(application.roomCount, "room")}
        </p>
      )}
      {error && <CodeFrame error={error} href={editorOf(name, error.position)} />}
      {error && !failed && <p class="facts">Still running {version}.</p>}
      {invitation && (
        <p class="facts">
          Edit{" "}
          <a href={editorOnLine(name, invitation)}>
            <code>
              {invitation.path}:{invitation.line}
            </code>
          </a>{" "}
          and watch.
        </p>
      )}
      <RoomChips application={application} />
    </article>
  );
}

function whyOf({ name, version, since, error }: ApplicationOverview): string {
  const live = versions.value.get(name)?.versions.find((one) => one.live);
  const why = live?.version === version ? standings[live?.why ?? "new"] : "live";
  const words = error ? "the newest edit is broken" : why;
  return `${words} · ${age(since ?? now.value, now.value)}`;
}

function RoomChips({
  application: { name, rooms, roomCount, version },
}: {
  application: ApplicationOverview;
}) {
  if (roomCount === 0) return null;
  const shown = rooms.slice(0, SHOWN_ROOMS);
  const rest = roomCount - shown.length;
  return (
    <ul class="chips" aria-label={`Rooms of ${name}`}>
      {shown.map((room) => (
        <li key={room.name}>
          <a class="chip" href={hrefOf("a", name, "rooms", room.name)}>
            <span class="cut">{room.name}</span>
            <span class="count">{room.userCount}</span>
            {room.version !== version && <span class="version">{room.version}</span>}
          </a>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <a class="chip more" href={hrefOf("a", name, "rooms")}>
            {rest.toLocaleString("en")} more
          </a>
        </li>
      )}
    </ul>
  );
}
