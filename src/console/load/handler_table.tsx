import { cut, span } from "../parts/words.ts";

/** Rows that are drawn. */
const MOST_HANDLERS = 40;

/** What one handler of one version has used. */
export interface Handler {
  /** Type of its room; null for the application's extension. */
  readonly type: string | null;
  /** `messages.say`. */
  readonly handler: string;
  readonly version: string;
  readonly events: number;
  /** CPU time, ms. */
  readonly cpu: number;
  readonly failures: number;
}

/** A handler in the live version, and in the one before. */
interface Row {
  readonly name: string;
  live?: Handler;
  before?: Handler;
}

/** Which handlers take how long, in the live version and in the one before. */
export function HandlerTable({ handlers, live }: { handlers: readonly Handler[]; live: string | undefined }) {
  const rows = rowsOf(handlers, live).slice(0, MOST_HANDLERS);
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="handlers-title">
      <h2 id="handlers-title">Handlers</h2>
      <div class="scrolls">
        <table class="handlers">
          <thead>
            <tr>
              <th scope="col">Handler</th>
              <th scope="col">Events</th>
              <th scope="col">CPU in all</th>
              <th scope="col">each</th>
              <th scope="col">before the edit</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, live, before }) => (
              <tr key={name}>
                <th scope="row">{cut(name, 120)}</th>
                <td>{(live?.events ?? 0).toLocaleString("en")}</td>
                <td>{span(live?.cpu ?? 0)}</td>
                <td class={markOf(live, before)}>{each(live)}</td>
                <td class="faint">{each(before)}</td>
                <td class={live && live.failures > 0 ? "wrong" : ""}>{live?.failures || ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Those that take most first. */
function rowsOf(handlers: readonly Handler[], live: string | undefined): Row[] {
  const rows = new Map<string, Row>();
  for (const one of handlers) {
    const name = one.type === null ? `the application: ${one.handler}` : `${one.type}: ${one.handler}`;
    const row = rows.get(name) ?? { name };
    if (one.version === live) row.live = one;
    else row.before ??= one;
    rows.set(name, row);
  }
  return [...rows.values()].toSorted((a, b) => (b.live?.cpu ?? 0) - (a.live?.cpu ?? 0));
}

function mean(handler: Handler | undefined): number | undefined {
  return handler && handler.events > 0 ? handler.cpu / handler.events : undefined;
}

function each(handler: Handler | undefined): string {
  const ms = mean(handler);
  return ms === undefined ? "" : ms < 0.01 ? "< 0.01 ms" : span(ms);
}

/** What has become half as slow again is worth a look. */
function markOf(live: Handler | undefined, before: Handler | undefined): string {
  const [now, then] = [mean(live), mean(before)];
  if (now === undefined || then === undefined || then === 0) return "";
  return now > 1.5 * then ? "wrong" : now < then / 1.5 ? "right" : "";
}
