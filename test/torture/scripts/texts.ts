/** Control characters, half characters and long ones wherever a script hands over a text. */
import { allOf, type Hostile } from "../hostile.ts";

/** JavaScript literals of what is no name. */
const noNames: Record<string, string> = {
  NUL: '"a\\0b"',
  "half a pair": '"a\\ud800"',
  "a line end": '"a\\nb"',
  "an escape sequence": '"\\u001b[2J"',
  "a right-to-left mark": '"a\\u202eb"',
  "a separator": '"a\\u2028b"',
  "65 letters": '"x".repeat(65)',
  "a million letters": '"x".repeat(1e6)',
  nothing: '""',
  "the prototype's key": '"__proto__"',
  "an object": "({ toString: () => 'name' })",
  "a symbol": "Symbol('name')",
  "a text object": "new String('name')",
};

const taking: Record<string, (text: string) => string> = {
  "the type of a broadcast": (text) => `room.broadcast(${text}, 1);`,
  "the type of an event": (text) => `room.emit(${text}, 1);`,
  "the name of a new room": (text) => `room.application.createRoom(${text});`,
  "the name of another room": (text) => `room.application.room(${text}).broadcast("x");`,
  "the name of a timer": (text) => `room.schedule(${text}, 1);`,
};

/** What people read may be any text. */
const said: Record<string, string> = {
  "a kick of nobody": "room.kick('nobody', '\\0\\ud800\\n'); return 1;",
  "a log": "console.log('a\\0b\\ud800c\\u001b[2J\\r\\nd\\u2028'); return 1;",
  "a log that looks like a line of the server":
    "console.log('\\n12:00:00.000 ERROR chat/lobby v1·3fa9c1 forged'); return 1;",
  "a reply": "return '\\0\\ud800\\u2028' === data;",
  "a key of a reply": "return { ['\\0\\ud800']: 1 };",
  "a broadcast": "room.broadcast('x', '\\0\\ud800\\u2028'); return 1;",
};

const refusals: Record<string, string> = {
  "of controls": "refuse('\\0\\u001b[2J\\ud800');",
  "of 1024 letters": "refuse('x'.repeat(1024));",
};

const badRefusals: Record<string, string> = {
  "of a million letters": "refuse('x'.repeat(1e6));",
  "of nothing": "refuse();",
  "of an object": "refuse({ toString() { for (;;); } });",
};

/** A folder whose extension names users by a JavaScript expression. */
const login = (expression: string) => ({
  "rooms/room.ts": `import { defineRoom } from "hotroom"; export default defineRoom({ state: () => ({ count: 0 }), messages: { count: (room) => ++room.state.count, attack: () => 1 } });`,
  "app.ts": `import { defineApplication } from "hotroom"; export default defineApplication({ events: { login: (app, { data }) => (${expression}) } });`,
});

const logins: Hostile[] = [
  ...Object.entries(noNames).map(([name, text]) => ({
    name: `a user named by ${name}`,
    files: login(`{ name: ${text} }`),
    // A login's answer is JSON: what that drops or turns into a text is no name that breaks the rule.
    must: ["a symbol", "a text object"].includes(name)
      ? "ok"
      : name === "a million letters" // More than an event may give.
        ? "login: handler_failed"
        : "login: invalid_name",
  })),
  { name: "a login that gives a number", files: login("5"), must: "ok" },
  {
    name: "a login that gives a name of null",
    files: login("{ name: null }"),
    must: "login: invalid_name",
  },
  {
    name: "a login that gives much data",
    files: login("{ name: 'mallory', data: 'x'.repeat(1e6) }"),
    must: "login: handler_failed",
  },
  {
    name: "a login that gives deep data",
    files: login("{ name: 'mallory', data: JSON.parse('['.repeat(500) + ']'.repeat(500)) }"),
    must: "ok",
    after: "answers",
  },
  {
    name: "a login that gives data of __proto__",
    files: login(`{ name: "mallory", data: JSON.parse('{"__proto__":{"admin":1}}') }`),
    must: { gives: 1 },
  },
  {
    name: "a login that gives an id",
    files: login("{ name: 'mallory', id: 'u1', data: { id: 'u1' } }"),
    must: { gives: 1 },
  },
  { name: "a login that never ends", files: login("(() => { for (;;); })()"), must: "login: handler_failed" },
  {
    name: "a login that refuses in controls",
    files: {
      ...login("0"),
      "app.ts": `import { defineApplication, refuse } from "hotroom"; export default defineApplication({ events: { login() { refuse("\\0\\ud800\\u001b"); } } });`,
    },
    must: "login: login_refused",
  },
];

export const texts: readonly Hostile[] = [
  ...Object.entries(taking).flatMap(([place, code]) =>
    Object.entries(noNames).map(([name, text]) => ({
      name: `${name} as ${place}`,
      code: code(text),
      must: "handler_failed",
    })),
  ),
  ...allOf("controls in", said, { must: "ok" }),
  ...allOf("refusal", refusals, { must: "refused" }),
  ...allOf("refusal", badRefusals, { must: "handler_failed" }),
  ...logins,
  {
    name: "a room that closes in controls",
    code: "room.close('\\0\\ud800\\u001b[2J' + 'x'.repeat(900)); return 1;",
    must: "ok",
    after: "closed",
  },
  {
    name: "a kick in controls",
    code: "room.kick(user, '\\0\\ud800\\u001b[2J' + 'x'.repeat(900)); return 1;",
    must: "ok",
    after: "closed",
  },
  {
    name: "a name of a message that is no name",
    messages: `"a\\nb"() {},`,
    must: "unloadable",
    log: /is not a name/,
  },
  {
    name: "messages named after everything of an object",
    messages: "constructor: () => 1, toString: () => 2, hasOwnProperty: () => 3, valueOf: () => 4,",
    code: "return 1;",
    must: { gives: 1 },
  },
];
