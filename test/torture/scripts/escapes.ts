/** Ways out: to the host, to code from strings, to files and modules of others, to the prelude's own. */
import { allOf, type Hostile } from "../hostile.ts";

const noCode: Record<string, string> = {
  eval: "return eval('1');",
  "eval by another name": "return (0, eval)('1');",
  "eval of the global": "return globalThis['ev' + 'al']('1');",
  Function: "return Function('return 1')();",
  "new Function": "return new Function('return 1')();",
  "an arrow's constructor": "return (() => {}).constructor('return 1')();",
  "a method's constructor": "return room.broadcast.constructor('return 1')();",
  "a native's constructor": "return [].map.constructor('return 1')();",
  "an async function's constructor": "return (async () => {}).constructor('return 1')();",
  "a generator's constructor": "return (function* () {}).constructor('yield 1')().next().value;",
  "an async generator's constructor": "return (async function* () {}).constructor('yield 1')();",
  "a constructor by prototype":
    "return Object.getPrototypeOf(Object.getPrototypeOf(async () => {})).constructor('return 1')();",
  "a constructor that is extended": "return new (class extends (() => {}).constructor {})('return 1')();",
  "Reflect.construct": "return Reflect.construct((() => {}).constructor, ['return 1'])();",
  "a constructor of a bound function": "return (() => {}).bind().constructor('return 1')();",
  "a class's constructor": "return (class {}).constructor('return 1')();",
  "a proxy's constructor": "return new Proxy(() => {}, {}).constructor('return 1')();",
  "the refusal's constructor": "return refuse.constructor('return 1')();",
  "the thrower's constructor":
    "try { eval('1'); } catch (error) { return error.constructor.constructor('return 1')(); }",
  "setTimeout of a text": "setTimeout('1', 1);",
};

const noHost: Record<string, string> = {
  process: "return process.exit(1);",
  Bun: "return Bun.version;",
  Deno: "return Deno.version;",
  require: "return require('node:fs');",
  fetch: "return await fetch('http://127.0.0.1');",
  "a module of the runtime": "return await import('node:fs');",
  "a module of Bun": "return await import('bun');",
  "a module from the web": "return await import('https://example.com/x.js');",
  "a module of data": "return await import('data:text/javascript,export default 1');",
  "a file by its address": "return await import('file:///etc/passwd');",
  "a file by its path": "return await import('/etc/passwd');",
  "a file above": "return await import('../../../../etc/passwd');",
  "a file above, encoded": "return await import('./%2e%2e/%2e%2e/secret.ts');",
  "the prelude": "return await import('hotroom:dispatcher.js');",
  "the prelude by its path": "return await import('/hotroom/dispatcher.js');",
  "the prelude from below": "return await import('./../hotroom/dispatcher.js');",
  "a package": "return await import('quickjs-emscripten');",
  "an object as a module": "return await import({ toString() { return 'node:fs'; } });",
  "a worker": "return new Worker('data:text/javascript,1');",
  "a socket": "return new WebSocket('ws://127.0.0.1');",
  "compiled code": "return new WebAssembly.Module(new Uint8Array(8));",
  "shared memory": "return new SharedArrayBuffer(1);",
  "a timer": "setInterval(() => {}, 1);",
  "the caller": "return (function () { return arguments.callee.caller; })();",
  "a function's caller": "return (function f() { return f.caller; })();",
};

const absent = `["process", "Bun", "Deno", "WebSocket", "Worker", "XMLHttpRequest", "WebAssembly", "SharedArrayBuffer", "Atomics", "std", "os", "bjson",
  "scriptArgs", "print", "gc", "navigator", "window", "self", "global", "WeakRef", "FinalizationRegistry", "drain", "board", "run", "resume", "setup", "register"]`;

const looks: Hostile[] = [
  {
    name: "the globals hold nothing of the host",
    code: `return ${absent}.filter((name) => name in globalThis);`,
    must: { gives: [] },
  },
  {
    name: "the global object is the engine's own",
    code: "return Object.getPrototypeOf(globalThis) === Object.prototype || Object.getPrototypeOf(globalThis) === null || typeof Object.getPrototypeOf(globalThis);",
    must: "ok",
  },
  {
    name: "a stack trace hands out no functions",
    code: "Error.prepareStackTrace = (e, sites) => sites; return typeof new Error('x').stack;",
    must: { gives: "string" },
  },
  {
    name: "import.meta names no file of the host",
    code: "return JSON.stringify([import.meta.url, import.meta.main, import.meta.dir]).includes('/tmp');",
    must: { gives: false },
  },
  {
    name: "time stands still and chance is given",
    code: "const t = Date.now(); for (let i = 0; i < 1000; i++); return Date.now() - t + (new Date() - t);",
    must: { gives: 0 },
  },
  {
    name: "what is thrown by the API leads nowhere",
    code: "try { room.broadcast('\\0'); } catch (error) { return [error instanceof TypeError, Object.keys(error)]; }",
    must: { gives: [true, []] },
  },
  {
    name: "the room can't be changed",
    code: "'use strict'; try { room.broadcast = 1; } catch { return 'frozen'; }",
    must: { gives: "frozen" },
  },
  {
    name: "the user can't be changed",
    code: "try { user.name = 'admin'; } catch { return user.name; }",
    must: { gives: "mallory" },
  },
  {
    name: "the users can't be changed",
    code: "try { room.users.push(1); } catch { return room.users.length; }",
    must: { gives: 1 },
  },
  {
    name: "methods of a room don't work on another",
    code: "const { broadcast } = room; broadcast.call({}, 'x', 1);",
    must: "handler_failed",
  },
  {
    name: "a room's methods don't work from a copy",
    code: "Object.create(room).broadcast('x', 1);",
    must: "handler_failed",
  },
  {
    name: "a proxied room is no room",
    code: "new Proxy(room, {}).broadcast('x', 1);",
    must: "handler_failed",
  },
  {
    name: "a room kept from an event before is the same room",
    top: "let kept;",
    code: "kept ??= room; kept.broadcast('x', 1); return kept === room;",
    must: { gives: true },
  },
  {
    name: "a definition can't be made by hand",
    must: "unloadable",
    log: /must be defineRoom/,
    files: { "rooms/room.ts": "export default { kind: 'room', events: {}, messages: {}, handlers: [] };" },
  },
  {
    name: "a definition of the other kind",
    must: "unloadable",
    log: /must be defineRoom/,
    files: {
      "rooms/room.ts": `import { defineApplication } from "hotroom"; export default defineApplication({});`,
    },
  },
  {
    name: "a definition that is a proxy of one",
    must: "unloadable",
    log: /must be defineRoom/,
    files: {
      "rooms/room.ts": `import { defineRoom } from "hotroom"; export default new Proxy(defineRoom({}), {});`,
    },
  },
  {
    name: "a definition is not what it becomes later",
    top: "const messages = { later: () => 1 };",
    code: "messages.later = () => 2; messages.forged = () => 3; return 1;",
    must: { gives: 1 },
  },
];

const imports: Record<string, string> = {
  "out of the folder": "../../other.ts",
  "out of the folder and back": "../../x/rooms/lib.ts",
  "out by many dots": `${"../".repeat(100)}etc/passwd`,
  "by a backslash": "..\\\\..\\\\other.ts",
  "by an encoded dot": "./%2e%2e/other.ts",
  "by a path": "/etc/hostname",
  "by an address": "file:///etc/hostname",
  "from the web": "https://example.com/x.js",
  "of the runtime": "node:fs",
  "of a package": "hono",
  "of the prelude": "/hotroom/dispatcher.js",
  "of the prelude by its old name": "hotroom:dispatcher.js",
  "of the sandbox's entry": "/hotroom/entry",
  "of a folder": "./",
  "of nothing": "",
  "of a text with a null": "./a\\0.ts",
  "of a text with a line end": "./a\\n.ts",
  "of half a pair": "./\\ud800.ts",
  "of its settings": "../hotroom.json",
  "of what is not there": "./nowhere.ts",
};

const disguised = `import { script, scripts } from "./event.js"; export const stolen = typeof scripts;`;

const modules: Hostile[] = [
  ...Object.entries(imports).map(([name, path]) => ({
    name: `import ${name}`,
    files: {
      "rooms/room.ts": `import * as x from "${path}";\nimport { defineRoom } from "hotroom";\nexport default defineRoom({});`,
    },
    must: "unloadable",
    log: /Cannot import|rooms\/room\.ts:1|Expected|Invalid|Unterminated|string/,
  })),
  ...["hotroom:evil.ts", "hotroom:event.js", "valibot.ts", "hotroom.ts"].map((file) => ({
    name: `a file that is called ${file}`,
    files: {
      [file]: disguised,
      "rooms/room.ts": `import { stolen } from "../${file}"; import { defineRoom } from "hotroom"; export default defineRoom({});`,
    },
    must: "unloadable",
    log: /Cannot import/,
  })),
  {
    name: "modules that import each other",
    must: { gives: 1 },
    files: {
      "lib/a.ts": `import { b } from "./b.ts"; export const a = () => b;`,
      "lib/b.ts": `import { a } from "./a.ts"; export const b = 1; export const c = () => a();`,
      "rooms/room.ts": `import { c } from "../lib/b.ts"; import { defineRoom } from "hotroom"; export default defineRoom({ state: () => ({ count: 0 }), messages: { count: (room) => ++room.state.count, attack: () => c() } });`,
    },
  },
  {
    name: "a thousand modules in a row",
    must: "unloadable",
    files: Object.fromEntries([
      ...Array.from({ length: 900 }, (_, i) => [
        `lib/m${i}.ts`,
        i === 899 ? "export const x = 1;" : `export * from "./m${i + 1}.ts";`,
      ]),
      [
        "rooms/room.ts",
        `import { x } from "../lib/m0.ts"; import { defineRoom } from "hotroom"; export default defineRoom({ state: () => ({ count: 0 }), messages: { count: (room) => ++room.state.count, attack: () => x } });`,
      ],
    ]),
  },
];

export const escapes: readonly Hostile[] = [
  ...allOf("code by", noCode, { must: "handler_failed" }),
  ...allOf("reaching for", noHost, { must: "handler_failed" }),
  ...looks,
  ...modules,
];
