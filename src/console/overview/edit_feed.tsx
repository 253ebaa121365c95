import { editorOf, hrefOf } from "../parts/address.ts";
import { CodeFrame } from "../parts/code_frame.tsx";
import { PlacedText } from "../parts/placed_text.tsx";
import { attempt, Empty } from "../parts/problem.tsx";
import { age, counted, span } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { askVersions, type Edit, edits } from "../server/feed.ts";
import { may } from "../server/scopes.ts";
import { applications, now } from "../server/overview.ts";
import { PagesItem } from "./pages_item.tsx";

/** Saves that the feed shows. */
const MOST_SAVES = 40;

/** One save, with all that followed from it, oldest first. */
interface Save {
  readonly key: string;
  readonly application: string;
  readonly version: string | undefined;
  readonly at: number;
  readonly steps: Edit[];
}

/** What edits came to, of one application or of all: each save with the rungs that it took. */
export function EditFeed({ application }: { application?: string }) {
  const saves = savesOf(
    edits.value.filter((one) => application === undefined || one.application === application),
  );
  if (saves.length === 0)
    return (
      <Empty title="No edit yet.">
        <p>
          Change a line of a script and save. Here you see it built, tried on what has happened, and rooms
          move to it between two messages, in milliseconds, with nobody disconnected.
        </p>
      </Empty>
    );
  return (
    <ol class="feed" aria-live="polite">
      {saves.map((save) =>
        save.steps[0]?.kind === "pages" ? (
          <PagesItem key={save.key} edit={save.steps[0]} named={application === undefined} />
        ) : (
          <SaveItem key={save.key} save={save} named={application === undefined} />
        ),
      )}
    </ol>
  );
}

/** Puts the entries of one save together; they come newest first. */
function savesOf(list: readonly Edit[]): Save[] {
  const saves: Save[] = [];
  const byVersion = new Map<string, Save>();
  for (const edit of list) {
    const key = `${edit.application} ${edit.version ?? `#${edit.id}`}`;
    const known = byVersion.get(key);
    if (known) {
      known.steps.unshift(edit);
      continue;
    }
    if (saves.length === MOST_SAVES) break;
    const save = { key, application: edit.application, version: edit.version, at: edit.at, steps: [edit] };
    byVersion.set(key, save);
    saves.push(save);
  }
  return saves;
}

function SaveItem({ save: { application, version, at, steps }, named }: { save: Save; named: boolean }) {
  const files = steps.flatMap((step) => step.files ?? []);
  // Why a version was rolled back stands in its ladder already; where that was, does not.
  const failure = steps.findLast(({ kind, error }) => kind === "failed" || error?.position)?.error;
  const last = steps.findLast(({ kind }) => ["moved", "by_hand", "rolled_back"].includes(kind));
  // Only the live version can be rolled back: on an older edit the button would undo the newest.
  const isLive = applications.value.some((one) => one.name === application && one.version === version);
  const moved = isLive && last && last.kind !== "rolled_back";
  return (
    <li class="save" data-version={version}>
      <p class="save-head">
        {named && <a href={hrefOf("a", application, "versions")}>{application}</a>}
        <span class="version">{version ?? "no version"}</span>
        <span class="cut faint">
          {files.slice(0, 3).join(", ")}
          {files.length > 3 && ` and ${files.length - 3} more`}
        </span>
        <time class="end faint">{age(at, now.value)}</time>
      </p>
      <ol class="ladder">
        {steps.slice(-12).map((step) => (
          <li key={step.id} class={markOf(step)} title={new Date(step.at).toLocaleTimeString()}>
            <PlacedText application={application} text={wordsOf(step)} />
          </li>
        ))}
      </ol>
      {failure && <CodeFrame error={failure} href={editorOf(application, failure.position)} />}
      {moved && version && (
        <div class="actions">
          <button
            type="button"
            class="small quiet"
            disabled={!may("edit")}
            onClick={() => goBack(application)}
          >
            Roll back
          </button>
        </div>
      )}
    </li>
  );
}

function goBack(application: string) {
  return attempt(async () => {
    await ask("POST", api(application, "rollback"), {});
    await askVersions(application);
  });
}

function markOf({ kind, failed = 0, kept = 0 }: Edit): string {
  if (["failed", "rolled_back", "quarantined", "room_rolled_back", "no_first_state"].includes(kind))
    return "bad";
  return failed > 0 || kept > 0 ? "warn" : ["moved", "by_hand", "started"].includes(kind) ? "good" : "";
}

function wordsOf(edit: Edit): string {
  const { ms, rooms = 0, kept = 0 } = edit;
  const time = ms === undefined ? "" : ` in ${span(ms)}`;
  switch (edit.kind) {
    case "built":
      return `built${time}`;
    case "failed":
      return "does not build";
    case "rehearsed":
      return `rehearsed on ${counted(edit.tried ?? 0, "room")}${edit.failed ? `, ${edit.failed} would fail` : ""}${edit.changed ? `, ${edit.changed} differ` : ""}`;
    case "moved":
    case "by_hand": {
      const stay = kept > 0 ? `, ${kept} stayed` : "";
      return `${edit.kind === "moved" ? "" : "by hand: "}${counted(rooms, "room")} moved${time}${stay}`;
    }
    case "room_rolled_back":
      return `${edit.room ?? "the extension"} rolled back: ${edit.reason ?? ""}`;
    case "no_first_state":
      return `${edit.type ? `new rooms of type ${edit.type}` : "the application, where it starts again,"} will fail: state(): ${edit.reason ?? ""}`;
    case "rolled_back":
      return `rolled back${edit.to ? ` to ${edit.to}` : ""}`;
    case "policy":
      return edit.policy === "pin" ? "edits wait from here on" : "edits are moved to from here on";
    default:
      return edit.kind.replaceAll("_", " ");
  }
}
