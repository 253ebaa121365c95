import type { Effect } from "../ports/effect.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { SourcePosition } from "../source_position.ts";
import { type Difference, differences } from "../version/difference.ts";
import type { ShownText } from "./shown_text.ts";

/** Effects, and changes of the state, that are shown of one event. */
const MOST_EFFECTS = 20;
const MOST_CHANGES = 20;

/** What one event came to, as somebody sees it who looks at a timeline. */
export interface ShownStep {
  /** CPU time, ms. */
  readonly cpu: number;
  /** What the handler asked for, each with its kind; the first ones. */
  readonly effects: readonly Record<string, unknown>[];
  readonly effectCount: number;
  readonly failure?: { readonly message: string; readonly position?: SourcePosition };
  /** What it returned; absent where that is nothing, or too long to be shown. */
  readonly returned?: unknown;
  /** What it has changed in the state; the first changes. */
  readonly changes: readonly Difference[];
  readonly changeCount: number;
}

/** Returns what an event came to; the states are those before and behind it. */
export function shownStep(
  { cpu = 0, effects, value, failure }: Outcome,
  before: unknown,
  after: unknown,
  text: ShownText,
): ShownStep {
  const { list: changes, count: changeCount } = differences(before, after, MOST_CHANGES);
  return {
    cpu: Math.round(cpu * 1000) / 1000,
    effects: effects.slice(0, MOST_EFFECTS).map((effect) => shownEffect(effect, text)),
    effectCount: effects.length,
    ...(failure && {
      failure: {
        message: text.start(failure.detail?.split("\n", 1)[0] ?? failure.message),
        ...(failure.position && { position: failure.position }),
      },
    }),
    ...(value !== undefined && { returned: text.data(value).data }),
    changes,
    changeCount,
  };
}

function shownEffect({ kind, ...effect }: Effect, text: ShownText): Record<string, unknown> {
  const shown: Record<string, unknown> = { kind };
  for (const [name, value] of Object.entries(effect)) {
    if (name === "data") Object.assign(shown, text.data(value as string | undefined));
    else if (name === "options") shown.options = text.data(value as string).data;
    else if (typeof value === "string") shown[name] = text.start(value);
    else if (Array.isArray(value)) shown[name] = value.slice(0, MOST_EFFECTS);
    else shown[name] = value;
  }
  return shown;
}
