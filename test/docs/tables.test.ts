/** The tables of the documents list what there is, each thing once. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { configSchema, flagOf, variableOf } from "../../src/cli/config.ts";
import { ceilingsOf, ceilingsSchema } from "../../src/core/application/ceilings.ts";
import { limitsSchema, sessionSchema, settingsSchema } from "../../src/core/application/settings.ts";
import { apiRoutes } from "../../src/http/api/api.ts";
import { createHttp } from "../../src/http/app.ts";
import { makeFolder, runCommand } from "../e2e/harness.ts";
import { WrittenView } from "../http/view.ts";
import { files } from "../house/sources.ts";
import { snippetsOf, tableOf } from "./snippets.ts";

setDefaultTimeout(60_000);

const code = (text: unknown) => `\`${text}\``;
/** Texts in backticks of a cell. */
const codesOf = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
const root = join(import.meta.dir, "../..");
const read = (document: string) => readFileSync(join(root, document), "utf8");
/** All folders of src that have files of their own. */
const folders = [...new Set(files("src", /./).map(({ path }) => dirname(path)))].filter(
  (path) => path !== "src",
);

/** What the command line says of its commands: `serve`, `versions [application]`. */
const help = runCommand("bun", ["--help"]).stdout;
const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*)(?: \[options\])?((?: [<[][\w|]+[>\]])*) /gm)]
  .map(([, name = "", parameters = ""]) => ({ name, parameters: parameters.trim() }))
  .filter(({ name }) => name !== "help");

describe("docs/OPERATIONS.md", () => {
  const rows = (section: string) => tableOf("docs/OPERATIONS.md", section);

  test("lists the commands as --help does", () => {
    const listed = rows("Commands").map(([cell]) => codesOf(cell)[0] ?? "");
    const names = listed.filter((text) => !text.includes("--")).map((text) => text.split(" ")[1]);
    expect(commands.length).toBeGreaterThan(5);
    expect(names.toSorted()).toEqual(commands.map(({ name }) => name).sort());
    for (const { name, parameters } of commands) {
      const own = listed.find((text) => text.split(" ")[1] === name) ?? "";
      expect([name, own.split(" ").length - 2]).toEqual([
        name,
        parameters === "" ? 0 : parameters.split(" ").length,
      ]);
    }
  });

  test("lists the server's settings with their names and defaults, each once", () => {
    const standard = v.parse(configSchema, {}) as Record<string, unknown>;
    const expected = Object.keys(configSchema.entries).map((key) => {
      return [
        code(flagOf(key)),
        code(variableOf(key)),
        code(key),
        key in standard ? code(standard[key]) : "in words",
      ];
    });
    const listed = rows("Settings of the server").map(([flag, variable, key, value = ""]) => [
      flag,
      variable,
      key,
      /^[^`]+$/.test(value) ? "in words" : value,
    ]);
    expect(listed).toEqual(expected);
  });

  const defaults = v.parse(settingsSchema, {});

  test("lists an application's settings with their defaults, each once", () => {
    const listed = rows("Settings of an application");
    expect(listed.map(([key]) => key)).toEqual(Object.keys(settingsSchema.entries).map(code));
    for (const [key = "", value] of listed) {
      const standard = (defaults as Record<string, unknown>)[codesOf(key)[0] ?? ""];
      if (typeof standard !== "object" && standard !== undefined)
        expect([key, value]).toEqual([key, code(standard)]);
    }
  });

  test("lists the settings of sessions with their defaults, each once", () => {
    const defaults = Object.entries(v.parse(sessionSchema, {}));
    const expected = defaults.map(([key, value]) => [code(key), code(value)]);
    expect(rows("Coming back").map((cells) => cells.slice(0, 2))).toEqual(expected);
  });

  test("lists the limits with their defaults, each once", () => {
    const listed = rows("Limits").map(([key, value]) => [key, value]);
    const expected = Object.keys(limitsSchema.entries).map((key) => [
      code(key),
      code(defaults.limits[key as keyof typeof defaults.limits]),
    ]);
    expect(listed).toEqual(expected);
  });

  test("lists the ceilings with their defaults, each once", () => {
    const listed = rows("Ceilings").map(([key, value]) => [key, value]);
    expect(listed).toEqual(Object.entries(ceilingsOf()).map(([key, value]) => [code(key), code(value)]));
  });

  test("lists what HTTP answers", () => {
    const answers = createHttp(new WrittenView(), { consoleSecret: "secret" })
      .routes.filter(({ method, path }) => method !== "ALL" && !/^\/(ws|page|api)\//.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "<$1>")}`);
    answers.push("/api/…");
    const listed = rows("Health and the API").map(([cell]) => codesOf(cell)[0] ?? "");
    expect(listed.toSorted()).toEqual([...new Set(answers)].sort());
  });

  test("its settings files are valid, and those of docs/SECURITY.md", () => {
    const shown = (name: string, document = "docs/OPERATIONS.md") => {
      const found = snippetsOf(document).find((snippet) => snippet.name === name);
      return JSON.parse(found?.text ?? "");
    };
    for (const document of ["docs/OPERATIONS.md", "docs/SECURITY.md"]) {
      const { ceilings, ...settings } = shown("hotroom.config.json", document);
      expect(v.safeParse(configSchema, settings).success).toBe(true);
      expect(v.safeParse(ceilingsSchema, ceilings).success).toBe(true);
    }
    expect(v.safeParse(settingsSchema, shown("hotroom.json")).success).toBe(true);
  });
});

describe("docs/API.md", () => {
  test("lists each route with its scope", () => {
    const routes = apiRoutes({
      view: new WrittenView(),
      rooms: {} as never,
      users: {} as never,
      connections: {} as never,
      versions: {} as never,
      live: {} as never,
      timelines: {} as never,
      files: {} as never,
      history: {} as never,
      trials: {} as never,
    });
    const expected = routes.map(({ method, path, scope }) => [
      `${method.toUpperCase()} /api${path.replace(/\{(\w+)\}/g, "<$1>")}`,
      scope ?? "any",
    ]);
    const listed = tableOf("docs/API.md", "Routes").map(([route = "", scope]) => [codesOf(route)[0], scope]);
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });
});

// A definition with a key that there is not is refused with those that there are.
const wrong = (define: string) =>
  `import { ${define} } from "hotroom"; export default ${define}({ events: { nothing() {} } });`;
const folder = makeFolder({ "a/app.ts": wrong("defineApplication"), "b.ts": wrong("defineRoom") });
const { output } = runCommand("bun", ["check", "--extensions", folder]);
const events = (define: string) => {
  const [complaint = ""] = (output.split(`${define}: unknown key`)[1] ?? "").split("\n");
  const names = [...complaint.matchAll(/events\.(\w+)/g)].map(([, name = ""]) => name);
  return names.filter((name) => name !== "nothing");
};

describe("docs/EXTENSIONS.md", () => {
  test.each([
    ["Events", "defineRoom"],
    ["The application", "defineApplication"],
  ])("its section %s lists the events of %s, each once", (section, define) => {
    const listed = tableOf("docs/EXTENSIONS.md", section)
      .map(([cell]) => codesOf(cell)[0] ?? "")
      .filter((text) => /^\w+\(/.test(text))
      .map((text) => text.split("(")[0] ?? "");
    expect(events(define).length).toBeGreaterThan(7);
    expect(listed.toSorted()).toEqual(events(define).sort());
  });
});

describe("the types for editors", () => {
  const types = (file: string) => read(`src/source/editor/types/${file}.d.ts`);
  /** Names of an interface's members. */
  const members = (text: string, name: string) => {
    const [, body = ""] = text.match(new RegExp(`interface ${name}<?[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m")) ?? [];
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member = ""]) => member);
  };

  test.each([
    ["RoomEvents", "defineRoom"],
    ["ApplicationEvents", "defineApplication"],
  ])("%s has the events that %s takes", (name, define) => {
    expect(members(types("handlers"), name).sort()).toEqual(events(define).sort());
  });

  test.each([
    ["room", "Room", "room"],
    ["application", "Application", "app"],
    ["application", "ApplicationHandle", "room.application"],
  ])("docs/EXTENSIONS.md names each member of %s's %s", (file, name, subject) => {
    const text = read("docs/EXTENSIONS.md");
    const own = text.match(/^\| `room\.application` \|.*$/m)?.[0] ?? "";
    const isNamed = (member: string) =>
      subject === "room.application" ? own.includes(`\`${member}`) : text.includes(`${subject}.${member}`);
    const found = members(types(file), name).filter((member) => member !== "toString");
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((member) => !isNamed(member))).toEqual([]);
  });
});

describe("docs/PERFORMANCE.md", () => {
  test("shows how to run each scenario of the bench", () => {
    const usage = spawnSync(process.execPath, ["run", join(root, "test/bench/main.ts"), "nothing"], {
      encoding: "utf8",
    });
    const scenarios = usage.stderr.match(/^scenarios: (.*)$/m)?.[1]?.split(", ") ?? [];
    const shown = [...read("docs/PERFORMANCE.md").matchAll(/^bun run bench ([a-z]+) +\S/gm)].map(
      ([, name]) => name,
    );
    expect(scenarios.length).toBeGreaterThan(5);
    // Without a name it is the throughput.
    expect([...new Set(["throughput", ...shown])].sort()).toEqual(scenarios.sort());
  });
});

describe("README.md", () => {
  test("names each command", () => {
    const tree = read("README.md").match(/^src\/cli\/ .*(?:\n .*)*/m)?.[0] ?? "";
    expect(commands.map(({ name }) => name).filter((name) => !tree.includes(name))).toEqual([]);
  });

  test("names each part of src", () => {
    const parts = [...new Set(folders.map((folder) => folder.split("/").slice(0, 2).join("/")))];
    const layout = read("README.md").split("## Where things are")[1] ?? "";
    expect(parts.filter((part) => !layout.includes(`${part}/ `) && !layout.includes(`${part}/:`))).toEqual(
      [],
    );
  });
});

test("ARCHITECTURE.md has a line for each folder of src, and for no other", () => {
  const listed = [...read("docs/ARCHITECTURE.md").matchAll(/^(src\/[\w/]+)\/ +\S/gm)].map(([, path]) => path);
  // What is below the Go client stands in its lines.
  const own = folders.filter((folder) => !folder.startsWith("src/client/go/"));
  expect(own.filter((folder) => !listed.includes(folder))).toEqual([]);
  const isThere = (path = "") => folders.some((folder) => `${folder}/`.startsWith(`${path}/`));
  expect(listed.filter((path) => !isThere(path))).toEqual([]);
});
