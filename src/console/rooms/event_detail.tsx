import { Code } from "../parts/code_frame.tsx";
import { cut, inLine } from "../parts/words.ts";
import type { Outcome, RoomEvent } from "./timeline.ts";

/** Characters of data that the detail shows. */
const SHOWN = 4000;
/** Characters of an effect's data, and of one side of a change. */
const SHORT = 200;

/** What one event was, and what it came to, with both versions where it was replayed with edited code. */
export function EventDetail({ event }: { event: RoomEvent }) {
  const { data, before, after } = event;
  return (
    <div class="event-detail">
      {data !== undefined && <Code>{cut(JSON.stringify(data, undefined, 2) ?? "", SHOWN)}</Code>}
      {before && after ? (
        <div class="beside">
          <OutcomeList title="Before" outcome={before} />
          <OutcomeList title="Edited" outcome={after} />
        </div>
      ) : (
        <OutcomeList outcome={event} />
      )}
    </div>
  );
}

function OutcomeList({ title, outcome }: { title?: string; outcome: Outcome }) {
  const {
    effects = [],
    effectCount = effects.length,
    changes = [],
    changeCount = changes.length,
    failure,
    returned,
  } = outcome;
  // Without "Explain" nothing is known but that it was heard.
  const isKnown = outcome.effects !== undefined || outcome.cpu !== undefined;
  return (
    <div>
      {title && <h4>{title}</h4>}
      {failure && (
        <p class="wrong">
          {cut(failure.message, 500)}
          {failure.position &&
            ` (${failure.position.file}:${failure.position.line}:${failure.position.column})`}
        </p>
      )}
      <ul class="outcome">
        {effects.map(({ kind, type, text, data, to }, at) => (
          <li key={`e${at}`}>
            <span class="kind">{kind}</span> {type}{" "}
            {to !== undefined && <span class="faint">to {inLine(to, SHORT)}</span>}{" "}
            <span class="faint">{text === undefined ? inLine(data, SHORT) : cut(text, SHORT)}</span>
          </li>
        ))}
        {returned !== undefined && (
          <li>
            <span class="kind">returned</span> <span class="faint">{inLine(returned, SHORT)}</span>
          </li>
        )}
        {effectCount > effects.length && (
          <li class="faint">and {effectCount - effects.length} more effects</li>
        )}
        {changes.map(({ path, before, after }, at) => (
          <li key={`c${at}`}>
            <code>{cut(path, SHORT)}</code> {before !== undefined && <del>{inLine(before, SHORT)}</del>}{" "}
            {after !== undefined && <ins>{inLine(after, SHORT)}</ins>}
          </li>
        ))}
        {changeCount > changes.length && (
          <li class="faint">and {changeCount - changes.length} more changes</li>
        )}
        {isKnown && effectCount + changeCount === 0 && !failure && returned === undefined && (
          <li class="faint">nothing was sent, and nothing has changed</li>
        )}
      </ul>
    </div>
  );
}
