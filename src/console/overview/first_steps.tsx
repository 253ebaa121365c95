import { editorOnLine, hrefOf } from "../parts/address.ts";
import { edits } from "../server/feed.ts";
import { type ApplicationOverview, applications } from "../server/overview.ts";
import { invitationOf } from "../server/invitations.ts";
import { pageOf } from "../server/pages.ts";

/** What to do first: open a page, edit, watch. It goes once a room has moved to an edit. */
export function FirstSteps() {
  if (edits.value.some(({ kind, rooms = 0 }) => kind === "moved" && rooms > 0)) return null;
  const playable = applications.value.filter((one) => one.status === "running" && pageOf(one) !== undefined);
  const [first] = playable;
  if (!first) return null;
  return (
    <section class="steps" aria-labelledby="steps-title">
      <h2 id="steps-title">Edit a line and watch</h2>
      <ol>
        <li>
          Open{" "}
          {playable.slice(0, 6).map((one, at) => (
            <span key={one.name}>
              {at > 0 && ", "}
              <a href={pageOf(one)} target="_blank" rel="noopener">
                {one.name} ↗
              </a>
            </span>
          ))}{" "}
          and play, or let <a href={hrefOf("a", first.name, "players")}>players</a> do it side by side.
        </li>
        <LineToChange application={playable.find((one) => invitationOf(one)) ?? first} />
        <li>The room goes on with the new line; its state stays, and so does everybody in it.</li>
      </ol>
    </section>
  );
}

function LineToChange({ application }: { application: ApplicationOverview }) {
  const { name } = application;
  const invitation = invitationOf(application);
  if (!invitation)
    return (
      <li>
        Change a line of its script in any editor, or in <a href={hrefOf("a", name, "editor")}>this one</a>,
        and save.
      </li>
    );
  return (
    <li>
      Change the line that it asks you to, in any editor or in{" "}
      <a href={editorOnLine(name, invitation)}>this one</a>, and save: of {name} that is{" "}
      <code>{`${invitation.path}:${invitation.line}`}</code>.
    </li>
  );
}
