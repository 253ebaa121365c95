/** docs/CLIENT.md has every public call of the SDK, and nothing else. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULTS } from "../../src/client/connect_options.ts";
import { DEFAULT_BACKOFF } from "../../src/client/connection/backoff.ts";
import { tableOf } from "./snippets.ts";

const root = join(import.meta.dir, "../..");
const types = readFileSync(join(root, "src/http/client_types.generated.d.ts"), "utf8");
const page = readFileSync(join(root, "docs/CLIENT.md"), "utf8");

/** Names of the public members of a class, an interface or an object type. */
function membersOf(name: string): string[] {
  const head = `^export (?:declare class|interface|type) ${name}\\b(?:<[^{]*?>)?[^{]*\\{\\n([\\s\\S]*?)^\\}`;
  const [, body = ""] = types.match(new RegExp(head, "m")) ?? [];
  const members = [...body.matchAll(/^ {4}(?!private )(?:static )?(?:readonly |get )?(\w+)\??[:(<]/gm)];
  return [...new Set(members.map(([, member = ""]) => member))].filter((member) => member !== "constructor");
}

/** What a section's table lists in its first cells: `client.login(data, options?)` is `login`. */
function listed(section: string): string[] {
  const cells = tableOf("docs/CLIENT.md", section).map(([cell = ""]) => cell);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`(?:[\w.]+\.)?(\w+)(?:\([^`]*\))?`/g)].map(([, name = ""]) => name),
  );
}

describe("docs/CLIENT.md", () => {
  test.each([
    ["Connecting", ["ConnectOptions"]],
    ["The client", ["Client"]],
    ["Events of the client", ["ClientEvents"]],
    ["Rooms", ["WatchedRoom", "Room"]],
    ["Events of a room", ["RoomEvents"]],
    ["Messages", ["Messages"]],
    ["Requests", ["RequestOptions"]],
    ["Trying trouble", ["Simulate"]],
  ])("its section %s has the members of %j, each once", (section, names) => {
    const members = names.flatMap(membersOf);
    expect(members.length).toBeGreaterThan(1);
    expect(listed(section).toSorted()).toEqual(members.sort());
  });

  test("its section Types has all that is exported", () => {
    const pattern = /^export (?:declare )?(?:class|interface|type|function) (\w+)/gm;
    const exported = [...types.matchAll(pattern)].map(([, name = ""]) => name);
    expect(listed("Types").toSorted()).toEqual(exported.sort());
  });

  test("its section Errors has the SDK's own codes", () => {
    const codes = types.match(/^type LocalCode = (.*);$/m)?.[1]?.match(/\w+/g) ?? [];
    expect(codes.length).toBeGreaterThan(3);
    expect(listed("Errors").toSorted()).toEqual(codes.toSorted());
  });

  test("names the defaults as they are", () => {
    const shown = new Map(
      tableOf("docs/CLIENT.md", "Connecting").map(([name = "", value = ""]) => [name, value]),
    );
    for (const [name, value] of Object.entries(DEFAULTS))
      expect([name, shown.get(`\`${name}\``)?.replaceAll("`", "")]).toEqual([name, String(value)]);
    const { minDelay, maxDelay, spread } = DEFAULT_BACKOFF;
    expect(page).toContain(`\`minDelay\` (${minDelay} ms)`);
    expect(page).toContain(`\`maxDelay\` (${maxDelay / 1000} s)`);
    expect(page).toContain(`\`spread\` (${spread / 1000} s,`);
  });
});
