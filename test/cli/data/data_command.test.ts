/** `hotroom data`: what it prints, and what the folder is then, on both runtimes and beside a server that runs. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { JournalStore, Write } from "../../../src/core/ports/journal_store.ts";
import { StoreFolder } from "../../store/store_folder.ts";

const root = join(import.meta.dir, "../../..");
const lobby = { application: "chat", room: "lobby" };
const kept: Write[] = [
  { kind: "put", at: { application: "chat" }, item: "user", key: "u1", value: '"ann"' },
  { kind: "put", at: { application: "chat" }, item: "version", key: "3fa9", value: '{"app.ts":"é\u2028"}' },
  { kind: "put", at: lobby, item: "schedule", key: 'odd "\u0000 key', value: "1" },
  { kind: "append", at: lobby, log: "events", number: 1, record: '{ "a" : 1.0 }' },
  { kind: "append", at: lobby, log: "events", number: 2, record: "2" },
  { kind: "append", at: lobby, log: "frames", number: 9, record: '"said"' },
  { kind: "put", at: { application: "quiz" }, item: "application", key: "", value: "[]" },
];

/** What the command is on each runtime. */
const programs = {
  bun: ["bun", "run", "mod.ts"],
  deno: "deno run -A --quiet --cached-only mod.ts".split(" "),
};

/** All that a store keeps of an application. */
async function contentOf(store: JournalStore, application: string): Promise<string> {
  const items = await store.items(application);
  const records = await Promise.all([
    store.records(lobby, "events"),
    store.records(lobby, "frames"),
    store.records({ application }, "events"),
  ]);
  const name = ({ at, item, key }: (typeof items)[number]) => `${at.room} ${item} ${key}`;
  return JSON.stringify([[...items].sort((a, b) => (name(a) < name(b) ? -1 : 1)), records]);
}

async function filled(): Promise<StoreFolder> {
  const folder = new StoreFolder();
  const store = await folder.open();
  await store.commit(kept, "strict");
  await store.close();
  return folder;
}

/** Runs a command on a folder. */
function run([program = "", ...rest]: readonly string[], folder: string, ...args: string[]) {
  const all = [...rest, "data", ...args, "--data", folder];
  const { status, stdout, stderr } = spawnSync(program, all, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe.each(Object.entries(programs))("under %s", (_, command) => {
  const data = (folder: string, ...args: string[]) => run(command, folder, ...args);

  test("list says what is kept, of all or of one application", async () => {
    await using folder = await filled();
    expect(data(folder.path, "list").stdout).toBe(
      "chat  2 items, 0 records, 20 characters\nchat/lobby  1 item, 3 records, 21 characters\nquiz  1 item, 0 records, 2 characters\n",
    );
    expect(data(folder.path, "list", "quiz").stdout).toBe("quiz  1 item, 0 records, 2 characters\n");
    expect(data(folder.path, "list", "nobody")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "nothing is kept of nobody\n",
    });
  });

  test("what was exported and imported is the same to the letter, and takes the place of what was there", async () => {
    await using folder = await filled();
    const { stdout, status } = data(folder.path, "export", "chat");
    expect(status).toBe(0);
    const file = join(dirname(folder.path), "chat.jsonl");
    writeFileSync(file, stdout);
    await using other = new StoreFolder();
    const before = await other.open();
    await before.commit(
      [
        { kind: "put", at: { application: "chat", room: "old" }, item: "room", key: "", value: "1" },
        { kind: "append", at: lobby, log: "events", number: 77, record: "77" },
        { kind: "put", at: { application: "other" }, item: "application", key: "", value: "1" },
      ],
      "relaxed",
    );
    await before.close();
    expect(data(other.path, "import", file)).toEqual({
      status: 0,
      stdout: "6 lines are taken in\n",
      stderr: "",
    });
    const [one, two] = [await folder.open(), await other.open()];
    expect(await contentOf(two, "chat")).toBe(await contentOf(one, "chat"));
    expect([...(await two.applications())].sort()).toEqual(["chat", "other"]);
    expect(other.lines).toEqual([]);
  });

  test("beside a server that runs it reads and makes backups; what would change the folder says who has it", async () => {
    await using folder = await filled();
    const store = await folder.open();
    let last = 2;
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        await store.commit(
          [{ kind: "append", at: lobby, log: "events", number: last + 1, record: "3" }],
          "relaxed",
        );
        last++;
      }
    })();
    const start = (...args: string[]) =>
      Bun.spawn([...command, "data", ...args, "--data", folder.path], {
        cwd: root,
        stdout: "pipe",
        stderr: "pipe",
      });
    const file = join(dirname(folder.path), "backup.db");
    const least = last;
    const backup = start("backup", file);
    expect([await backup.exited, await new Response(backup.stderr).text()]).toEqual([0, ""]);
    const exported = start("export");
    const lines = await new Response(exported.stdout).text();
    expect(await exported.exited).toBe(0);
    const taken = join(dirname(folder.path), "chat.jsonl");
    writeFileSync(taken, lines);
    for (const args of [["delete", "chat"], ["compact"], ["import", taken]]) {
      const refused = start(...args);
      expect(await refused.exited).toBe(1);
      expect(await new Response(refused.stderr).text()).toStartWith(
        `Cannot change the data folder ${folder.path}: the server with process id ${process.pid} has it since `,
      );
    }
    const again = start("backup", file);
    expect([await again.exited, await new Response(again.stderr).text()]).toEqual([
      1,
      `Cannot copy the data folder ${folder.path} to ${file}: that is there already.\n`,
    ]);
    isOver = true;
    await load;
    await using restored = new StoreFolder();
    mkdirSync(restored.path);
    renameSync(file, join(restored.path, "store.db"));
    const other = await restored.open();
    const numbers = (await other.records(lobby, "events")).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((__, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(least);
    expect(numbers.length).toBeLessThan(last + 1);
    expect(await other.items("quiz")).toHaveLength(1);
    expect([folder.lines, restored.lines]).toEqual([[], []]);
  });
});

describe("on one runtime", () => {
  const data = (folder: string, ...args: string[]) => run(programs.bun, folder, ...args);

  test("one room is exported and imported by itself", async () => {
    await using folder = await filled();
    const file = join(dirname(folder.path), "lobby.jsonl");
    writeFileSync(file, data(folder.path, "export", "chat", "lobby").stdout);
    const store = await folder.open();
    const before = await contentOf(store, "chat");
    await store.commit([{ kind: "forget", at: lobby }], "relaxed");
    await store.close();
    expect(data(folder.path, "import", file).status).toBe(0);
    expect(await contentOf(await folder.open(), "chat")).toBe(before);
  });

  test("an import that can't be taken in whole changes nothing, and says where it is wrong", async () => {
    await using folder = await filled();
    const before = await folder.open();
    const content = await contentOf(before, "chat");
    await before.close();
    const file = join(dirname(folder.path), "broken.jsonl");
    const lines = data(folder.path, "export").stdout.split("\n");
    for (const [wrong, text] of [
      [
        lines.slice(0, 3).join("\n").concat('\n{"kind":"put"}\n'),
        `${file}:4: it is not a line of an export.`,
      ],
      [`${lines[0]}\n{"ki`, `${file}:2: it is not JSON`],
      [lines.slice(0, 4).join("\n"), `${file}:4: the export is not whole: it was cut off.`],
      [lines.toSpliced(2, 1).join("\n"), ": the export is not whole: it was cut off."],
      [`${lines.join("\n")}${lines[1]}\n`, ": it goes on behind its last line."],
      ["{}\n", `${file}:1: it is not an export of format 1.`],
      ["SQLite format 3\0", `${file}:1: it is a backup and no export: put it into an empty folder`],
      ["", `${file}:1: it is not an export of format 1.`],
      [
        lines.with(2, lines[2]?.replace('"value":"', '"value":"{') as string).join("\n"),
        `${file}:3: the text in it can't be read`,
      ],
    ] as const) {
      writeFileSync(file, wrong);
      const { status, stderr } = data(folder.path, "import", file);
      expect([status, stderr.includes(text), stderr.includes("Cannot change the data folder")]).toEqual([
        1,
        true,
        true,
      ]);
    }
    expect(await contentOf(await folder.open(), "chat")).toBe(content);
  });

  test("an export of what is not there is none, and says so", async () => {
    await using folder = await filled();
    for (const of of [["nobody"], ["chat", "nowhere"]]) {
      const { status, stdout, stderr } = data(folder.path, "export", ...of);
      expect([status, stdout, stderr]).toEqual([1, "", `nothing is kept of ${of.join("/")}\n`]);
    }
  });

  test("a backup into a folder that is not there names it", async () => {
    await using folder = await filled();
    const file = join(dirname(folder.path), "missing", "1.db");
    expect(data(folder.path, "backup", file)).toMatchObject({
      status: 1,
      stderr: `Cannot copy the data folder ${folder.path}: there is no folder ${dirname(file)} for ${file}.\n`,
    });
  });

  test("a backup goes neither over what is there nor where a link leads to", async () => {
    await using folder = await filled();
    const [file, target] = [join(dirname(folder.path), "1.db"), join(dirname(folder.path), "other")];
    symlinkSync(target, file);
    const { status, stderr } = data(folder.path, "backup", file);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`to ${file}: `)]);
    expect(existsSync(target)).toBe(false);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
  });

  test("a backup has its name when it is whole, and not before", async () => {
    await using folder = await filled();
    const file = join(dirname(folder.path), "1.db");
    // What is left of one that was killed.
    writeFileSync(`${file}.part`, "half of it");
    const { status, stderr } = data(folder.path, "backup", file);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`: ${file}.part is there, of a backup that is being made or was given up`),
    ]);
    expect([existsSync(file), readFileSync(`${file}.part`, "utf8")]).toEqual([false, "half of it"]);
    rmSync(`${file}.part`);
    expect(data(folder.path, "backup", file).status).toBe(0);
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([true, false]);
  });

  test("delete forgets a room or an application", async () => {
    await using folder = await filled();
    // As the list names it.
    expect(data(folder.path, "delete", "chat/lobby").stdout).toBe("chat/lobby is forgotten\n");
    expect(data(folder.path, "delete", "chat", "lobby")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "nothing is kept of chat/lobby\n",
    });
    expect(data(folder.path, "delete", "quiz/").stderr).toBe("nothing is kept of quiz/\n");
    expect(data(folder.path, "delete", "quiz").status).toBe(0);
    expect(data(folder.path, "list").stdout).toBe("chat  2 items, 0 records, 20 characters\n");
  });

  test("compact makes the file small after much was forgotten", async () => {
    await using folder = await filled();
    const store = await folder.open();
    const text = JSON.stringify("x".repeat(1000));
    const many = Array.from(
      { length: 2000 },
      (__, number): Write => ({ kind: "append", at: lobby, log: "frames", number, record: text }),
    );
    await store.commit(many, "relaxed");
    // Who reads has them put into rows.
    await store.records(lobby, "events");
    await store.commit([{ kind: "forget", at: lobby }], "relaxed");
    await store.close();
    const file = join(folder.path, "store.db");
    expect(statSync(file).size).toBeGreaterThan(2_000_000);
    expect(data(folder.path, "compact")).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d MB, \d+\.\d MB before\n$/),
      stderr: "",
    });
    expect(statSync(file).size).toBeLessThan(100_000);
    expect(await (await folder.open()).items("chat")).toHaveLength(2);
  });

  test("where nothing is kept, that is said; an import makes the folder", async () => {
    await using source = await filled();
    await using folder = new StoreFolder();
    for (const args of [
      ["list"],
      ["export"],
      ["delete", "chat"],
      ["compact"],
      ["backup", `${folder.path}.db`],
    ]) {
      const { status, stderr } = data(folder.path, ...args);
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(`${folder.path}: nothing is kept there.`),
      ]);
    }
    expect(data(folder.path, "import", `${folder.path}.missing`).stderr).toContain("no such file");
    expect(existsSync(folder.path)).toBe(false);
    const file = `${folder.path}.jsonl`;
    writeFileSync(file, data(source.path, "export").stdout);
    expect(data(folder.path, "import", file).status).toBe(0);
    expect(data(folder.path, "list").stdout).toBe(data(source.path, "list").stdout);
  });

  test("what is damaged is left out of an export, told, and the exit status is 1", async () => {
    await using folder = await filled();
    const file = join(folder.path, "store.db");
    const bytes = readFileSync(file);
    for (let at = bytes.indexOf('"said"'); at >= 0; at = bytes.indexOf('"said"')) bytes[at + 1] = 0x53;
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = data(folder.path, "export");
    expect(status).toBe(1);
    expect(stderr).toContain('what it has of room "lobby" of "chat" (frames) is not what was written');
    expect(stdout.trim().split("\n")).toHaveLength(1 + 2 + kept.length - 1 + 1);
  });
});
