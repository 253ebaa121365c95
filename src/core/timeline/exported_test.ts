import { HotroomError } from "../errors.ts";
import { isBytes } from "../../protocol/bytes.ts";
import {
  type JournaledEvent,
  lastStateOf,
  type Timeline,
  type Retrace,
  type RetracedStep,
} from "../ports/timeline.ts";
import { type Names, sameSource, sourceOf } from "./test_source.ts";

/** Events that a test does again at most. */
export const MOST_EXPORTED = 200;

/** What a test is made of: a timeline, and what came of it when it was run again twice, the second time by another chance. */
export interface ExportParts {
  readonly application: string;
  readonly room: string;
  readonly type: string;
  readonly timeline: Timeline;
  readonly retrace: Retrace;
  readonly otherwise: Retrace;
}

/** What clients do that a test does, too; and what comes of itself. */
const done = new Set(["join", "leave", "message", "disconnect", "reconnect", "logout"]);
const ignored = new Set(["init", "directory", "tick", "timer", "reload", "close"]);

/**
 * Returns a test for `hotroom test` that does again what clients did in a room, and expects what then was answered and became of the state,
 * as far as that depends on neither chance nor time. Throws HotroomError `not_exportable`.
 */
export function exportedTest({ application, room, type, timeline, retrace, otherwise }: ExportParts): string {
  const { events, isWhole } = timeline;
  if (!isWhole) throw no(room, "its first events are not kept any more");
  if (events.length > MOST_EXPORTED) throw no(room, `it has had more than ${MOST_EXPORTED} events`);
  if (events.some(({ event }) => event.kind === "edit"))
    throw no(room, "its state was edited, which no test can do again");
  const foreign = events.find(({ event }) => !done.has(event.kind) && !ignored.has(event.kind));
  if (foreign) throw no(room, `no test can make the event "${foreign.event.kind}"`);
  if (events.some(({ event }) => event.kind === "message" && isBytes(event.data ?? "")))
    throw no(room, "a message of it has bytes as its data");
  if (retrace.steps.length < events.length) throw no(room, retrace.cut ?? "it has closed");
  const names: Names = new Map();
  const lines = linesOf(events, { room, names, steps: stepsOf(retrace), others: stepsOf(otherwise) });
  const [state, other] = [JSON.parse(lastStateOf(retrace)), JSON.parse(lastStateOf(otherwise))];
  const expected = sameSource(state, other, names);
  if (expected !== undefined)
    lines.push(`expect(await stage.state(${sourceOf(room)})).toMatchObject(${expected});`);
  const title = sourceOf(`what happened in ${room}`);
  const options = sourceOf({ room, ...(type !== application && { type }) });
  return [
    'import { expect, open, test } from "hotroom/test";',
    "",
    `test(${title}, async () => {`,
    `  const stage = await open(${sourceOf(application)}, ${options});`,
    ...lines.map((line) => `  ${line}`),
    "});",
    "",
  ].join("\n");
}

interface Telling {
  readonly room: string;
  readonly names: Names;
  readonly steps: ReadonlyMap<number, RetracedStep>;
  readonly others: ReadonlyMap<number, RetracedStep>;
}

function linesOf(events: readonly JournaledEvent[], telling: Telling): string[] {
  const lines: string[] = [];
  const members = new Set<string>();
  let last: number | undefined;
  for (const each of events) {
    // A timer runs by itself once it is time for it.
    if (ignored.has(each.event.kind) && each.event.kind !== "timer") continue;
    const passed = last === undefined ? 0 : each.time - last;
    if (passed > 0) lines.push(`await stage.advance(${passed});`);
    last = each.time;
    lines.push(...linesOfEvent(each, members, telling));
  }
  return lines;
}

function linesOfEvent(
  { event, seq, status }: JournaledEvent,
  members: Set<string>,
  { room, names, steps, others }: Telling,
): string[] {
  const user = "user" in event && typeof event.user === "string" ? names.get(event.user) : undefined;
  switch (event.kind) {
    case "join": {
      if (status !== "ok") return [];
      const { id, name } = event.user;
      const isKnown = names.has(id);
      const called = names.get(id) ?? `user${names.size + 1}`;
      names.set(id, called);
      const data = event.data === undefined ? "" : `, ${sourceOf(JSON.parse(event.data))}`;
      const word = members.has(id) ? "" : "let ";
      members.add(id);
      return [
        ...(isKnown ? [] : [`const ${called} = await stage.user(${sourceOf(name)});`]),
        `${word}${called}Here = await ${called}.join(${sourceOf(room)}${data});`,
      ];
    }
    case "message": {
      if (user === undefined) return [];
      const data = event.data === undefined ? "" : `, ${sourceOf(JSON.parse(event.data), names)}`;
      const call = `${user}Here.${event.reply ? "request" : "send"}(${sourceOf(event.type)}${data})`;
      if (!event.reply) return [`await ${call};`];
      if (status !== "ok") return [`await expect(${call}).toThrow();`];
      const answered = sameAnswer(steps.get(seq), others.get(seq), names);
      return [answered === undefined ? `await ${call};` : `expect(await ${call}).toEqual(${answered});`];
    }
    case "leave":
      return user === undefined ? [] : [`await ${user}Here.leave();`];
    case "logout":
      return names.has(event.user.id) ? [`await ${names.get(event.user.id)}.logout();`] : [];
    case "disconnect":
      return user === undefined ? [] : [`await ${user}.drop();`];
    case "reconnect":
      return user === undefined ? [] : [`await ${user}.resume();`];
    default:
      return [];
  }
}

/** Returns what a request was answered with, where that is JSON and does not depend on chance. */
function sameAnswer(step: RetracedStep | undefined, other: RetracedStep | undefined, names: Names) {
  const [value, otherwise] = [step?.outcome.value, other?.outcome.value];
  if (value === undefined || value !== otherwise || isBytes(value)) return undefined;
  return sourceOf(JSON.parse(value), names);
}

function stepsOf({ steps }: Retrace): Map<number, RetracedStep> {
  return new Map(steps.map((step) => [step.seq, step]));
}

function no(room: string, why: string): HotroomError {
  return new HotroomError("not_exportable", `Cannot make a test of room "${room}": ${why}.`);
}
