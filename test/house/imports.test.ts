/** Who may import whom. A failure lists each place with the rule that it breaks. */
import { expect, test } from "bun:test";
import { cycles } from "./cycles.ts";
import { code, files, type Import, imports, lineAt, type Source, sources } from "./sources.ts";

/** The part of the house that a file belongs to: a folder of src/, or `server`, or undefined outside of src/. */
function partOf(path: string): string | undefined {
  return path.match(/^src\/(server|[^/.]+)/)?.[1];
}

/** What each part may import of the others. */
const below: Record<string, readonly string[]> = {
  protocol: [],
  client: ["protocol"],
  // Of the core it knows what the API answers, by type: it runs in a browser.
  console: ["core"],
  core: ["protocol"],
  auth: ["core", "protocol", "fetch"],
  http: ["core", "protocol"],
  platform: ["core", "protocol"],
  process: [],
  fetch: ["core", "protocol"],
  telemetry: ["core"],
  source: ["core", "protocol", "process"],
  script: ["core", "protocol", "process"],
  store: ["core", "protocol", "process"],
  kit: ["core", "protocol", "http", "source", "script", "store"],
  server: [
    "core",
    "protocol",
    "auth",
    "fetch",
    "http",
    "platform",
    "process",
    "source",
    "script",
    "store",
    "telemetry",
  ],
  embed: ["server", "cli", "core", "protocol", "http", "platform", "source"],
  cli: ["server", "kit", "core", "protocol", "http", "platform", "process", "source", "script", "store"],
};

/** Who may import which package; a package that is not named here may be imported by none. */
const packages: readonly { readonly name: RegExp; readonly parts: RegExp }[] = [
  {
    name: /^node:/,
    parts: /^src\/(cli|embed|fetch|kit|source|http|platform|process|script|store)\/|^src\/server\.ts$/,
  },
  { name: /^valibot$/, parts: /^src\/(cli|kit|core|source|http|protocol|script)\// },
  { name: /^@valibot\/to-json-schema$/, parts: /^src\/http\/api\// },
  { name: /^hono(\/|$)/, parts: /^src\/(?:http\/|embed\/embed\.d\.ts$)/ },
  { name: /^quickjs-emscripten|^@jitl\/quickjs/, parts: /^src\/script\/host\// },
  { name: /^(amaro|acorn|jsonc-parser)$/, parts: /^src\/source\// },
  { name: /^jose$/, parts: /^src\/auth\// },
  { name: /^@opentelemetry\//, parts: /^src\/telemetry\// },
  { name: /^tar$/, parts: /^src\/cli\/(bundle|make)\// },
  { name: /^mcp-lite$/, parts: /^src\/http\/mcp\// },
  { name: /^commander$/, parts: /^src\/cli\// },
  { name: /^bun(:|$)/, parts: /^src\/platform\// },
  // In text that is written for a script's author, and in a page's own script.
  { name: /^hotroom$/, parts: /^src\/source\// },
  { name: /^\/(client\.js|page\/(editor\.js|api_table\.json))$/, parts: /^src\/console\// },
  { name: /^(preact|@preact|codemirror|@codemirror|@lezer)(\/|$)/, parts: /^src\/console\// },
];

/** What each of the script layer's three rooms may import of src/, beside itself. */
const scriptRooms: Record<string, RegExp> = {
  "src/script/wire/": /^src\/(core|protocol|process)\//,
  "src/script/server/": /^src\/(script\/wire|core|protocol|process)\//,
  "src/script/host/": /^src\/(script\/wire|core|protocol|process)\//,
};

/** Those that know each other by type only, by folder: one thing in several files. */
const knownByType: Record<string, readonly string[]> = {
  // The domain: an application has rooms and users, a room its application, a user its rooms.
  "src/core":
    "application auth connection directory durable edit errors.ts extension fetch history limit ports relay restore room session settles_within.ts trace user version view".split(
      " ",
    ),
  // What an effect of an application does is done to it; so is what closes it, and it is asked who may come in.
  "src/core/application": ["admissions.ts", "application.ts", "apply_effect.ts", "close_application.ts"],
  // What an effect of a room does is done to it, and its extension does it; who joins is about to be in it.
  "src/core/room": ["apply_effect.ts", "joins.ts", "room.ts", "room_owner.ts"],
  // What is followed is the event's own to tell, and it is told by whoever follows events.
  "src/core/trace": ["event_trace.ts", "tracing.ts"],
  // A group holds sockets, a socket the groups that it leaves when it closes.
  "src/platform/bun": ["group.ts", "socket.ts"],
  // A sandbox has slots, a slot its sandbox; a call may be suspected for what its sandbox came to.
  "src/script/server/sandbox": "call.ts loaded_version.ts sandbox.ts slot.ts suspicion.ts".split(" "),
  // An application has rooms, a room its application.
  "src/source/editor/types": ["application.d.ts", "room.d.ts"],
};

test("imports point down only", () => {
  const broken = sources.flatMap((source) => {
    const part = partOf(source.path) ?? "";
    const allowed = below[part];
    if (!allowed) return [`${source.path}: src/${part} is a part that this test does not know`];
    return imports(source).flatMap((found) => {
      if (found.target === undefined || found.target === "package.json") return [];
      // Texts for assistants.
      if (source.path === "src/http/mcp/docs.ts" && /^docs\/[A-Z]+\.md$/.test(found.target)) return [];
      const other = partOf(found.target);
      if (other === part || (other !== undefined && allowed.includes(other))) return [];
      return [broke(source, found, `${part} may import ${allowed.join(", ") || "nothing else"}`)];
    });
  });
  expect(broken).toEqual([]);
});

test("what runs in the server and what runs in a script host know each other by their wire only", () => {
  const broken = Object.entries(scriptRooms).flatMap(([room, allowed]) =>
    sources
      .filter(({ path }) => path.startsWith(room))
      .flatMap((source) =>
        imports(source)
          .filter(({ target }) => target !== undefined && target !== "package.json")
          .filter(({ target = "" }) => !target.startsWith(room) && !allowed.test(target))
          .map((found) => broke(source, found, `${room} may import ${allowed} and packages`)),
      ),
  );
  expect(broken).toEqual([]);
});

test("packages are imported only where they belong", () => {
  // The prelude is text for the sandbox: what it imports is resolved there.
  const outside = sources.filter(({ path }) => !/\/prelude\/|^src\/source\/editor\/types\//.test(path));
  const broken = outside.flatMap((source) =>
    imports(source).flatMap((found) => {
      if (found.target !== undefined) return [];
      const rule = packages.find(({ name }) => name.test(found.specifier));
      if (rule?.parts.test(source.path)) return [];
      return [broke(source, found, rule ? `only ${rule.parts} may` : "no part may")];
    }),
  );
  expect(broken).toEqual([]);
});

test("relative imports name the file with its extension", () => {
  // The torture suite's scripts are texts that import what they must not get.
  const tests = files("test", /\.ts$/).filter(({ path }) => !path.startsWith("test/torture/scripts/"));
  const broken = [...sources, ...tests, ...files(".ci", /\.ts$/)].flatMap((source) =>
    imports(source)
      .filter(({ target }) => target !== undefined && !/\.(tsx?|js|json|css|html|md)$/.test(target))
      .map((found) => broke(source, found, "name the file, with .ts")),
  );
  expect(broken).toEqual([]);
});

test("no files import each other in a circle, and no folders either", () => {
  expect(circles(({ isType }) => !isType)).toEqual([]);
});

test("only those that are one thing know each other in a circle by type", () => {
  const unknown = circles(() => true).filter(
    ({ folder, circle }) => !circle.every((name) => knownByType[folder]?.includes(name)),
  );
  expect(unknown).toEqual([]);
});

test("only src/platform names the globals Bun and Deno", () => {
  const broken = sources
    .filter(({ path }) => !path.startsWith("src/platform/"))
    .flatMap(({ path, text }) =>
      [...code(text).matchAll(/(?<![\w$.])(Bun|Deno)(?=[.[]\w)/g)].map(
        ({ 0: global, index }) =>
          `${path}:${lineAt(text, index)} names ${global}: use a node: module, or a port`,
      ),
    );
  expect(broken).toEqual([]);
});

/**
 * The circles among the files and folders that stand side by side in each folder of src/; a folder counts with all that is
 * in it. So a folder may use a file beside it, and a file beside it the folder, but no two folders each other.
 */
function circles(counts: (found: Import) => boolean): { folder: string; circle: string[]; why: string[] }[] {
  const known = new Set(sources.map(({ path }) => path));
  const levels = new Map<string, Map<string, Set<string>>>();
  const reasons = new Map<string, string>();
  for (const source of sources) {
    for (const found of imports(source).filter(counts)) {
      const { target } = found;
      if (target === undefined || !known.has(target) || target === source.path) continue;
      const { folder, from, to } = siblings(source.path, target);
      const level = levels.get(folder) ?? new Map<string, Set<string>>();
      levels.set(folder, level.set(from, (level.get(from) ?? new Set()).add(to)));
      reasons.set(`${folder}: ${from} ${to}`, `${source.path}:${found.line} imports ${target}`);
    }
  }
  return [...levels].flatMap(([folder, level]) =>
    cycles(level).map((circle) => {
      const pairs = circle.flatMap((from) => circle.map((to) => `${folder}: ${from} ${to}`));
      return { folder, circle, why: pairs.flatMap((pair) => reasons.get(pair) ?? []) };
    }),
  );
}

/** The folder in which the paths of two files part, and the name that each has there. */
function siblings(a: string, b: string): { folder: string; from: string; to: string } {
  const [left, right] = [a.split("/"), b.split("/")];
  const at = left.findIndex((name, index) => name !== right[index]);
  return { folder: left.slice(0, at).join("/"), from: left[at] ?? "", to: right[at] ?? "" };
}

function broke({ path }: Source, { specifier, line }: Import, rule: string): string {
  return `${path}:${line} imports ${specifier}: ${rule}`;
}

test("what runs without the tests' runner, as the benches do, loads nothing that needs it", () => {
  const known = new Map(files("test", /\.tsx?$/).map((source) => [source.path, source]));
  const scripts = [...known.values(), ...files(".ci", /\.ts$/)].filter(({ path }) =>
    /^(test\/bench|\.ci)\/.*(?<!\.test)\.ts$/.test(path),
  );
  const reached = new Map(scripts.map((source) => [source.path, source]));
  // A map goes on to what is added while it is gone through.
  for (const source of reached.values())
    for (const { target, isType } of imports(source)) {
      const next = isType ? undefined : known.get(target ?? "");
      if (next) reached.set(next.path, next);
    }
  const wrong = [...reached.values()].filter((source) =>
    imports(source).some(({ specifier, isType }) => specifier === "bun:test" && !isType),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});
