import { editorOf, hrefOf } from "../parts/address.ts";
import { CodeFrame } from "../parts/code_frame.tsx";
import { Empty } from "../parts/problem.tsx";
import { age, counted } from "../parts/words.ts";
import { type ApplicationOverview, applicationNamed, link, now } from "../server/overview.ts";
import { PlayersPage } from "../players/players_page.tsx";
import { RoomsPage } from "../rooms/rooms_page.tsx";
import { StatePage } from "../application/state_page.tsx";
import { VersionsPage } from "../application/versions_page.tsx";
import { UsersPage } from "../application/users_page.tsx";
import { LoadPage } from "../load/load_page.tsx";
import { LogsPage } from "../logs/logs_page.tsx";
import { EditorPage } from "../editor/editor_page.tsx";
import { RoomPage } from "../rooms/room_page.tsx";
import { pageOf } from "../server/pages.ts";
import { sections } from "./sections.ts";

/** An application, with its sections as tabs. */
export function ApplicationPage({
  name,
  section,
  item,
}: {
  name: string;
  section: string;
  item: string | undefined;
}) {
  const application = applicationNamed(name);
  if (!application) {
    if (link.value === "asking") return null;
    return (
      <Empty title={`There is no application “${name}”.`}>
        <p>
          <a href={hrefOf()}>See those that there are</a>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <ApplicationHead application={application} />
      <nav class="tabs" aria-label={`Sections of ${name}`}>
        {sections.map((one) => (
          <a
            key={one.name}
            href={hrefOf("a", name, one.name)}
            aria-current={one.name === section ? "page" : undefined}
          >
            {one.title}
          </a>
        ))}
      </nav>
      {isThere(section, item) ? (
        <SectionPage application={application} section={section} item={item} />
      ) : (
        <Empty title={`“${name}” has nothing at this address.`}>
          <p>
            <a href={hrefOf("a", name)}>See its rooms</a>
          </p>
        </Empty>
      )}
    </>
  );
}

/** Returns true if there is such a section, and where an item is named, one with items: whether there is that, it says itself. */
function isThere(section: string, item: string | undefined): boolean {
  return sections.some(({ name, hasItems }) => name === section && (hasItems || item === undefined));
}

function ApplicationHead({ application }: { application: ApplicationOverview }) {
  const { name, version, since, error, status } = application;
  return (
    <div class="head">
      <h1>{name}</h1>
      {version && <span class="version">{version}</span>}
      <span class="facts">
        {status === "failed"
          ? "not running"
          : `${counted(application.userCount, "user")} · ${counted(application.roomCount, "room")} · live for ${age(since ?? now.value, now.value)}`}
      </span>
      <span class="end">
        {pageOf(application) && (
          <a href={pageOf(application)} target="_blank" rel="noopener">
            Open its page ↗
          </a>
        )}
      </span>
      {error && <CodeFrame error={error} href={editorOf(name, error.position)} />}
    </div>
  );
}

function SectionPage({
  application,
  section,
  item,
}: {
  application: ApplicationOverview;
  section: string;
  item: string | undefined;
}) {
  if (section === "players") return <PlayersPage application={application} />;
  if (section === "editor") return <EditorPage application={application} path={item} />;
  if (section === "state") return <StatePage application={application} />;
  if (section === "users") return <UsersPage application={application} />;
  if (section === "logs") return <LogsPage application={application} />;
  if (section === "load") return <LoadPage application={application} />;
  if (section === "versions") return <VersionsPage application={application} />;
  if (item !== undefined) return <RoomPage application={application} room={item} />;
  return <RoomsPage application={application} />;
}
