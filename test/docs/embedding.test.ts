/** docs/EMBEDDING.md has every option and member, and its program runs beside a clone of hotroom, on both runtimes. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { standardConfig } from "../../src/cli/config.ts";
import { makeFolder } from "../e2e/harness.ts";
import { snippetsOf, tableOf } from "./snippets.ts";

setDefaultTimeout(60_000);
const root = join(import.meta.dir, "../..");
const document = "docs/EMBEDDING.md";

/** Names of the public members of a class or an interface in a file of src/embed. */
function membersOf(file: string, name: string): string[] {
  const text = readFileSync(join(root, "src/embed", file), "utf8");
  const head = new RegExp(`^export (?:class|interface) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m");
  const [, body = ""] = text.match(head) ?? [];
  const members = [...body.matchAll(/^ {2}(?:readonly |get |async )?(\w+)\??(?:[:(]|<\w+ extends)/gm)];
  const own = [...body.matchAll(/^ {4}readonly (\w+):/gm)];
  return [...members, ...own].map(([, member = ""]) => member).filter((member) => member !== "constructor");
}

/** What a section's table lists in its first cells: `room.send(user)` is `send`. */
function listed(section: string): string[] {
  return tableOf(document, section).flatMap(([cell = ""]) =>
    [...cell.matchAll(/`(?:[a-z]+\.)?(\w+)(?:\([^`]*\))?`/g)].map(([, name = ""]) => name),
  );
}

describe(document, () => {
  test.each([
    ["Options", "server_options.ts", "ServerOptions"],
    ["The server", "start_server.ts", "Server"],
    ["An application", "embedded_application.ts", "EmbeddedApplication"],
    ["Events", "application_listeners.ts", "ApplicationEvents"],
    ["A room", "embedded_room.ts", "EmbeddedRoom"],
  ])("its section %s has the members of %s: %s, each once", (section, file, name) => {
    const members = membersOf(file, name);
    expect(members.length).toBeGreaterThan(4);
    expect(listed(section).toSorted()).toEqual(members.sort());
  });

  test("its section Types has all that mod.ts exports", () => {
    const text = readFileSync(join(root, "mod.ts"), "utf8");
    const exported = [...text.matchAll(/^export type \{(.*)\}/gm)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    );
    expect(listed("Types").toSorted()).toEqual(exported.sort());
  });

  test("names the defaults as the command has them", () => {
    const standard: Record<string, unknown> = standardConfig;
    const rows = tableOf(document, "Options").map(([name = "", value = ""]) =>
      [name, value].map((cell) => cell.replaceAll("`", "")),
    );
    const shown = rows.filter(
      ([name = ""]) => !["extensions", "data"].includes(name) && standard[name] !== undefined,
    );
    expect(shown.length).toBeGreaterThan(6);
    for (const [name = "", value] of shown) expect([name, value]).toEqual([name, String(standard[name])]);
  });

  const [{ text = "" } = {}] = snippetsOf(document).filter(({ name }) => name === "main.ts");

  /** A program's folder, which depends on this clone. */
  function program(): string {
    const folder = makeFolder({ "package.json": '{ "type": "module" }', "main.ts": text });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/hotroom"));
    symlinkSync(join(root, "node_modules/hono"), join(folder, "node_modules/hono"));
    return folder;
  }

  test.each([
    ["bun", ["bun", "run", "main.ts"]],
    ["deno", ["deno", "run", "-A", "--quiet", "main.ts"]],
  ])("its program prints on %s what its comments say, and ends", async (_, command) => {
    const child = Bun.spawn(command, { cwd: program(), stdout: "pipe", stderr: "inherit" });
    const printed = [...text.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(
      (match) => match[1] as string,
    );
    expect(printed.length).toBeGreaterThan(3);
    expect((await new Response(child.stdout).text()).trimEnd().split("\n")).toEqual(printed);
    expect(await child.exited).toBe(0);
  });

  test("its program type-checks", async () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const flags =
      "--noEmit --strict --target esnext --lib esnext,dom --module preserve --types --skipLibCheck --allowImportingTsExtensions --resolveJsonModule main.ts";
    const child = Bun.spawn([process.execPath, compiler, ...flags.split(" ")], {
      cwd: program(),
      stdout: "pipe",
    });
    const errors = (await new Response(child.stdout).text())
      .split("\n")
      .filter((line) => line.startsWith("main.ts"));
    expect(errors).toEqual([]);
  });
});
