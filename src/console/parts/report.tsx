import type { RehearsalReport } from "../../core/version/rehearsal_report.ts";
import { counted, cut, inLine } from "./words.ts";

/** What a rehearsal has shown. */
export function Report({ report }: { report: RehearsalReport }) {
  const { version, tried, events, failed, changed, rooms, stuck } = report;
  return (
    <section class="report" aria-label={`Rehearsal of ${version}`}>
      <h3>
        Rehearsed <span class="version">{version}</span>
      </h3>
      <p class={failed > 0 ? "wrong" : "right"}>
        {tried === 0
          ? "There was no room to try it on."
          : `${counted(events, "event")} run again in ${counted(tried, "room")}: ${failed === 0 ? "no errors" : `${failed} with errors`}, ${changed === 0 ? "the same states" : `${changed} with another state`}.`}
      </p>
      {rooms.slice(0, 20).map(({ room, errors, differences, differenceCount }) => (
        <div key={room} class="rehearsed">
          <strong>{room ?? "the extension"}</strong>
          {errors.slice(0, 3).map((error, at) => (
            <p key={at} class="wrong">
              {error.event}: {error.message}
              {error.position && ` (${error.position.file}:${error.position.line}:${error.position.column})`}
            </p>
          ))}
          {differences.slice(0, 5).map((difference, at) => (
            <p key={at} class="difference">
              <code>{cut(difference.path, 300)}</code>{" "}
              {difference.before !== undefined && <del>{inLine(difference.before, 300)}</del>}{" "}
              {difference.after !== undefined && <ins>{inLine(difference.after, 300)}</ins>}
            </p>
          ))}
          {differenceCount > 5 && <p class="faint">and {differenceCount - 5} more differences</p>}
        </div>
      ))}
      {stuck.slice(0, 5).map(({ room, reason }) => (
        <p key={room} class="wrong">
          {room ?? "the extension"} would not move: {cut(reason, 300)}
        </p>
      ))}
    </section>
  );
}
