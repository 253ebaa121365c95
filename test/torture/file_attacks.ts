/** What may lie in an extensions folder, put there by mistake or on purpose. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Source of a room that works. */
export const room = (code = "") => `import { defineRoom } from "hotroom";
${code}
export default defineRoom({ messages: { hello: () => "hello" } });
`;
const settings = (json: string) => ({ "rooms/room.ts": room(), "hotroom.json": json });
/** More than the 512 KB that an application may have. */
const much = `${room()}// ${"x".repeat(600 * 1024)}\n`;

/** Files in one application's folder, and what must come of them. */
export interface FileAttack {
  readonly name: string;
  /** What lies in the application's folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What else is done in the application's folder; `outside` is a folder with a file that must never be read. */
  readonly lay?: (folder: string, outside: string) => void;
  /** `running`, or what the error says. */
  readonly must: "running" | RegExp;
}

/** What must never be read. */
export const secret = "export const secret = 'never to be read';\n";

/** All of them; each gets an application of its own. */
export const fileAttacks: readonly FileAttack[] = [
  {
    name: "a link to a file outside",
    must: /link that leads out of the extensions folder/,
    lay: (folder, outside) => symlinkSync(join(outside, "secret.ts"), join(folder, "rooms/secret.ts")),
  },
  {
    name: "a link to a folder outside",
    must: /link that leads out of the extensions folder/,
    lay: (folder, outside) => symlinkSync(outside, join(folder, "lib")),
  },
  {
    name: "a link to a link that leads outside",
    must: /link that leads out of the extensions folder/,
    lay(folder, outside) {
      symlinkSync(outside, join(folder, "first.txt"));
      symlinkSync(join(folder, "first.txt", "secret.ts"), join(folder, "rooms/second.ts"));
    },
  },
  {
    name: "a relative link that climbs",
    must: /link that leads out of the extensions folder|does not exist/,
    lay: (folder) => symlinkSync(`${"../".repeat(30)}etc/hostname`, join(folder, "rooms/host.ts")),
  },
  {
    name: "a link of settings to a file outside",
    must: /link that leads out of the extensions folder/,
    lay: (folder, outside) => symlinkSync(join(outside, "hotroom.json"), join(folder, "hotroom.json")),
  },
  {
    name: "an import through a link that is not followed",
    must: /link that leads out of the extensions folder/,
    files: { "rooms/room.ts": room(`import { secret } from "../lib/secret.ts"; console.log(secret);`) },
    lay: (folder, outside) => symlinkSync(outside, join(folder, "lib")),
  },
  {
    name: "a link to nothing",
    must: /link to a file that does not exist/,
    lay: (folder) => symlinkSync("nowhere.ts", join(folder, "rooms/gone.ts")),
  },
  {
    name: "a link to itself",
    must: /Cannot read|does not exist|ELOOP/,
    lay: (folder) => symlinkSync("self.ts", join(folder, "rooms/self.ts")),
  },
  {
    name: "a link to the folder that it is in",
    must: /nested too deeply or too many/,
    lay: (folder) => symlinkSync(folder, join(folder, "lib")),
  },
  {
    name: "links that fan out",
    must: /nested too deeply or too many|more than 1000 source files/,
    lay(folder) {
      for (let i = 0; i < 8; i++) symlinkSync(folder, join(folder, `l${i}`));
    },
  },
  {
    name: "a link to a device",
    must: /link that leads out|Cannot read/,
    lay: (folder) => symlinkSync("/dev/zero", join(folder, "rooms/zero.ts")),
  },
  {
    name: "a pipe that nobody writes to",
    must: "running",
    lay: (folder) => execFileSync("mkfifo", [join(folder, "rooms/pipe.ts")]),
  },
  { name: "a huge source", must: /source|larger|too/i, files: { "rooms/room.ts": much } },
  {
    name: "a file of 8 GB that holds nothing",
    must: /source|larger|too/i,
    lay(folder) {
      writeFileSync(join(folder, "rooms/big.ts"), "");
      truncateSync(join(folder, "rooms/big.ts"), 8 * 2 ** 30);
    },
  },
  {
    name: "settings of 8 GB that hold nothing",
    must: /hotroom\.json/,
    lay(folder) {
      writeFileSync(join(folder, "hotroom.json"), "");
      truncateSync(join(folder, "hotroom.json"), 8 * 2 ** 30);
    },
  },
  {
    name: "a huge file that is no source",
    must: "running",
    lay(folder) {
      writeFileSync(join(folder, "film.mp4"), "");
      truncateSync(join(folder, "film.mp4"), 8 * 2 ** 30);
    },
  },
  {
    name: "thousands of sources",
    must: /more than 1000 source files/,
    lay(folder) {
      for (let i = 0; i < 3000; i++) writeFileSync(join(folder, `lib${i}.ts`), "");
    },
  },
  {
    name: "thousands of files that are no sources",
    must: "running",
    lay(folder) {
      for (let i = 0; i < 3000; i++) writeFileSync(join(folder, `note${i}.txt`), "x");
    },
  },
  {
    name: "a thousand room types",
    must: /source files|took longer|room types|too/,
    lay(folder) {
      for (let i = 0; i < 1000; i++) writeFileSync(join(folder, `rooms/room${i}.ts`), room());
    },
  },
  {
    name: "folders 100 deep",
    must: /nested too deeply or too many/,
    lay: (folder) => mkdirSync(join(folder, "d/".repeat(100)), { recursive: true }),
  },
  {
    name: "thousands of folders",
    must: /nested too deeply or too many/,
    lay(folder) {
      for (let i = 0; i < 3000; i++) mkdirSync(join(folder, `d${i}`));
    },
  },
  {
    name: "thousands of folders of a package",
    must: "running",
    lay(folder) {
      for (let i = 0; i < 2000; i++) mkdirSync(join(folder, `node_modules/p${i}`), { recursive: true });
    },
  },
  {
    name: "bytes that are no text",
    must: /UTF-8|text/,
    files: { "rooms/room.ts": Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256) },
  },
  {
    name: "UTF-16",
    must: /UTF-8|text|Expected|Unexpected|Invalid/i,
    files: { "rooms/room.ts": Buffer.from(`\ufeff${room()}`, "utf16le") },
  },
  { name: "a NUL in a source", must: /./, files: { "rooms/room.ts": room("const x = 1;\0") } },
  {
    name: "a NUL in a text",
    must: "running",
    files: { "rooms/room.ts": room('const x = "\\0"; export { x };') },
  },
  { name: "an empty source", must: /default export/, files: { "rooms/room.ts": "" } },
  {
    name: "a source of comments",
    must: /default export/,
    files: { "rooms/room.ts": "// nothing\n".repeat(1000) },
  },
  { name: "a byte order mark", must: "running", files: { "rooms/room.ts": `\ufeff${room()}` } },
  {
    name: "line ends of every kind",
    must: "running",
    files: { "rooms/room.ts": room("// a\r// b\r\n// c\u2028// d\u2029") },
  },
  {
    name: "a folder that is called like a source",
    must: "running",
    lay: (folder) => mkdirSync(join(folder, "lib.ts")),
  },
  {
    name: "a folder that is called like the settings",
    must: "running",
    lay: (folder) => mkdirSync(join(folder, "hotroom.json")),
  },
  {
    name: "a folder of rooms that is a file",
    must: /neither app\.ts nor a room type|not an application/,
    files: { rooms: "x", "lib.ts": "" },
  },
  ...[
    "room\n.ts",
    "room .ts",
    " room.ts",
    "röm\u0301.ts",
    "-room.ts",
    "__proto__.ts",
    "room\u202e.ts",
    "room\u0001.ts",
    `${"r".repeat(70)}.ts`,
    "$(id).ts",
    "'.ts",
    '".ts',
    "`.ts",
    "\\.ts",
    "%2e%2e.ts",
    "room.ts.ts",
    "constructor.ts",
    "CON.ts",
    "room:a.ts",
    "*.ts",
  ].map(
    (file): FileAttack => ({
      name: `a room type in ${JSON.stringify(file)}`,
      must: /can't be the name|ok/,
      files: { [`rooms/${file}`]: room() },
    }),
  ),
  ...[
    "\n.ts",
    "a b.ts",
    "__proto__.ts",
    "constructor.ts",
    "\u202e.ts",
    "\u0001.ts",
    "'\"`$(id).ts",
    "\\..\\x.ts",
    "%2e%2e%2f.ts",
    "hotroom:x.js",
    "hotroom.ts",
    "valibot.js",
  ].map(
    (file): FileAttack => ({
      name: `an imported file in ${JSON.stringify(file)}`,
      must: "running",
      files: {
        [`lib/${file}`]: "export const x = 1;",
        "rooms/room.ts": room(`import { x } from ${JSON.stringify(`../lib/${file}`)}; export { x };`),
      },
    }),
  ),
  { name: "settings that are no JSON", must: /Invalid JSON/, files: settings("{") },
  { name: "settings of null", must: /hotroom\.json/, files: settings("null") },
  { name: "settings of a list", must: /hotroom\.json/, files: settings("[]") },
  { name: "settings of nothing", must: /Invalid JSON/, files: settings("") },
  {
    name: "settings nested deep",
    must: /hotroom\.json/,
    files: settings(`${"[".repeat(30_000)}${"]".repeat(30_000)}`),
  },
  {
    name: "settings of __proto__",
    must: /hotroom\.json|running/,
    files: settings('{"__proto__":{"rooms":"join"},"constructor":1}'),
  },
  {
    name: "settings that are there twice",
    must: /hotroom\.json|running/,
    files: settings('{"rooms":"join","rooms":"server"}'),
  },
  { name: "settings unknown", must: /hotroom\.json.*evil/s, files: settings('{"evil":1}') },
  ...[
    '"memory":1',
    '"memory":1e400',
    '"memory":-1',
    '"memory":1e12',
    '"cpuPerEvent":-1',
    '"cpuPerEvent":"20"',
    '"cpuPerEvent":null',
    '"load":0',
    '"cpuHard":0',
    '"queue":0',
    '"queue":0.5',
    '"effects":1e308',
    '"message":1e15',
    '"state":9007199254740993',
    '"log":-0',
    '"source":1',
  ].map(
    (limit): FileAttack => ({
      name: `a limit of ${limit}`,
      must: /./,
      files: settings(`{"rooms":"join","limits":{${limit}}}`),
    }),
  ),
  ...[
    '"roomsPerSandbox":0',
    '"roomsPerSandbox":1e9',
    '"emptyGrace":-1',
    '"emptyGrace":1e300',
    '"maxRooms":0',
    '"maxUsers":"many"',
    '"rooms":"anyone"',
    '"reload":"never"',
  ].map(
    (setting): FileAttack => ({
      name: `a setting of ${setting}`,
      must: /./,
      files: settings(`{"rooms":"join",${setting}}`.replace('"rooms":"join","rooms"', '"rooms"')),
    }),
  ),
];
