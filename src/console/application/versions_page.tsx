import { useSignal } from "@preact/signals";
import type { RehearsalReport } from "../../core/version/rehearsal_report.ts";
import type { VersionsView, VersionView } from "../../core/view/version_control.ts";
import { EditFeed } from "../overview/edit_feed.tsx";
import { hrefOf } from "../parts/address.ts";
import { attempt, Empty } from "../parts/problem.tsx";
import { Report } from "../parts/report.tsx";
import { age, counted, cut, standings } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { askVersions, versions } from "../server/feed.ts";
import { useLooks } from "../server/looks.ts";
import { may } from "../server/scopes.ts";
import { type ApplicationOverview, now } from "../server/overview.ts";

/** Between two looks, ms. */
const INTERVAL_MS = 5000;

/** The versions of an application: what runs, why, and what can be done about it. */
export function VersionsPage({ application: { name, version } }: { application: ApplicationOverview }) {
  const report = useSignal<RehearsalReport | undefined>(undefined);
  const isRehearsing = useSignal(false);
  useLooks(
    () => askVersions(name),
    () => {},
    INTERVAL_MS,
    [name, version],
  );
  const found = versions.value.get(name);
  if (!found)
    return (
      <Empty title="No version runs.">
        <p>Mend what the error above says: it starts when you save.</p>
      </Empty>
    );
  const act = (task: () => Promise<unknown>) =>
    attempt(async () => {
      await task();
      await askVersions(name);
    });
  const rehearse = (body: object) =>
    act(async () => {
      isRehearsing.value = true;
      try {
        report.value = await ask<RehearsalReport>("POST", api(name, "rehearse"), body);
      } finally {
        isRehearsing.value = false;
      }
    });
  const isPinned = found.policy === "pin";
  return (
    <div class="versions">
      <section aria-labelledby="versions-title">
        <div class="bar">
          <h2 id="versions-title">Versions</h2>
          <span class="end actions">
            <span class="faint working" role="status">
              {isRehearsing.value ? "rehearsing …" : ""}
            </span>
            <button
              type="button"
              class="quiet"
              disabled={!may("edit") || isRehearsing.value}
              onClick={() => rehearse({})}
            >
              Rehearse the newest
            </button>
            <button
              type="button"
              class="quiet"
              aria-pressed={isPinned}
              disabled={!may("edit")}
              onClick={() =>
                act(() => ask("PUT", api(name, "reload"), { policy: isPinned ? "swap" : "pin" }))
              }
            >
              {isPinned ? "Unpin: take edits" : "Pin: let edits wait"}
            </button>
          </span>
        </div>
        <VersionList
          found={found}
          rollBack={(to) => act(() => ask("POST", api(name, "rollback"), { version: to }))}
        />
        {(report.value ?? found.rehearsal) && (
          <Report report={(report.value ?? found.rehearsal) as RehearsalReport} />
        )}
      </section>
      <aside aria-labelledby="edits-title">
        <h2 id="edits-title">Edits</h2>
        <EditFeed application={name} />
      </aside>
    </div>
  );
}

function VersionList({ found, rollBack }: { found: VersionsView; rollBack: (version: string) => void }) {
  return (
    <ul class="list">
      {found.versions.map((one) => (
        <li key={one.version} class={one.live ? "live" : ""}>
          <VersionItem application={found.application} one={one} rollBack={rollBack} />
        </li>
      ))}
    </ul>
  );
}

function VersionItem({
  application,
  one,
  rollBack,
}: {
  application: string;
  one: VersionView;
  rollBack: (version: string) => void;
}) {
  const { version, live, why, since, roomCount, running, failures } = one;
  return (
    <>
      <div class="row-line">
        <span class={`dot ${live ? "good" : failures.length > 0 ? "bad" : ""}`} />
        <strong class="version">{version}</strong>
        <span class="faint">
          {live ? "live: " : ""}
          {standings[why] ?? why} · {age(since, now.value)} · {counted(roomCount, "room")}
        </span>
        {!live && (
          <button
            type="button"
            class="small quiet end"
            disabled={!may("edit")}
            onClick={() => rollBack(version)}
          >
            Go to it
          </button>
        )}
      </div>
      {failures.slice(0, 5).map(({ room, reason }) => (
        <p key={room} class="wrong">
          {room ?? "the extension"}: {cut(reason, 300)}
        </p>
      ))}
      {!live && roomCount > 0 && (
        <ul class="chips">
          {running
            .filter(({ room }) => room !== null)
            .slice(0, 12)
            .map(({ room }) => (
              <li key={room}>
                <a class="chip" href={hrefOf("a", application, "rooms", room ?? "")}>
                  {room}
                </a>
              </li>
            ))}
        </ul>
      )}
    </>
  );
}
