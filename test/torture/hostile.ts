/** How a hostile script is written down in the tables of `scripts/`, and the files that it is made of. */

/** What the client is told: an error's code, `ok`, or the reply's data. */
export type Outcome = string | { readonly gives: unknown };

export interface Hostile {
  /** What it does; the test's name, and by it the application's. */
  readonly name: string;
  /** Statements before the definition. */
  readonly top?: string;
  /** Body of the handler of the message `attack`, with `room`, `user` and `data`; `async` where it awaits. */
  readonly code?: string;
  /** More keys of the definition. */
  readonly more?: string;
  /** More keys of `messages`. */
  readonly messages?: string;
  /** The application's files in place of those; by path in its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** `hotroom.json`, which makes the application a folder. */
  readonly settings?: object;
  /** How often the message is sent, each time after the answer; once unless said otherwise. */
  readonly times?: number;
  /** What the message carries. */
  readonly data?: unknown;
  /** The answer to the message; where the version must not load, `unloadable`; where joining must fail, `join: <code>`. */
  readonly must: Outcome;
  /** Text of the log about the room, or about the application where the version can't be loaded. */
  readonly log?: RegExp;
  /**
   * How the room fares afterwards: it counts on (the default), it answers as it likes but answers, it is closed (a new one of
   * that name works), its application is barred for a time, or it can't be used until its author has edited it.
   */
  readonly after?: "counts" | "answers" | "closed" | "barred" | "edited";
  /** Why the server doesn't do that yet. */
  readonly todo?: string;
}

/** Name of a hostile script's application. */
export function applicationOf(name: string): string {
  const words = name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `x-${words}`.slice(0, 60);
}

/** The room type of a hostile script, without what is hostile where `harmless`. */
export function sourceOf(script: Hostile, harmless = false): string {
  const { top = "", code = "", more = "", messages = "" } = harmless ? { messages: "" } : script;
  const isAsync = /\bawait\b/.test(code) ? "async " : "";
  return `import { defineRoom, refuse } from "hotroom";
${top}
export default defineRoom({
  state: () => ({ count: 0 }),
  ${more}
  messages: {
    count: (room) => ++room.state.count,
    ${isAsync}attack(room, user, data) {
      ${code}
    },
    ${messages}
  },
});
`;
}

/** Everything of a hostile script, by path in the extensions folder. */
export function filesOf(script: Hostile): Record<string, string> {
  const application = applicationOf(script.name);
  const { files, settings } = script;
  if (!files && !settings) return { [`${application}.ts`]: sourceOf(script) };
  const inside: Record<string, string> = { ...(files ?? { "rooms/room.ts": sourceOf(script) }) };
  inside["hotroom.json"] ??= JSON.stringify({ rooms: "join", ...settings });
  return Object.fromEntries(
    Object.entries(inside).map(([path, source]) => [`${application}/${path}`, source]),
  );
}

/** A table of bodies that all meet the same end. */
export function allOf(
  topic: string,
  table: Readonly<Record<string, string>>,
  rest: Omit<Hostile, "name" | "code">,
): Hostile[] {
  return Object.entries(table).map(([name, code]) => ({ name: `${topic} ${name}`, code, ...rest }));
}
