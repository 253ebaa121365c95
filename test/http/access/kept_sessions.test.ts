import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { KeptSessions, nameInData, type SessionPlaces } from "../../../src/http/access/kept_sessions.ts";
import { temporaryFolder } from "../../temporary_folders.ts";

const at = { host: "127.0.0.1", port: 8080, extensions: "extensions" };
const NAME = nameInData([at.host, at.port]);
const session = { hash: "h".repeat(43), by: "secret", until: 1_000 };

/** Opens what is kept there, and hears what the log would have. */
async function kept(places: Partial<SessionPlaces>) {
  const told: string[] = [];
  const sessions = await KeptSessions.open({ ...at, ...places }, (_, text) => told.push(text));
  return { sessions, told };
}

const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

async function settled(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("without a data folder they lie in the cache, a file for each server, and none for a port of chance", async () => {
  const cache = temporaryFolder();
  const { sessions } = await kept({ cache });
  sessions.save([session]);
  await settled(() => filesIn(join(cache, "consoles")).some((name) => name.endsWith(".json")));
  expect((await kept({ cache })).sessions.found).toEqual([session]);
  for (const other of [
    { port: 8081 },
    { host: "::1" },
    { extensions: "others" },
    { unix: "socket" },
    { port: 0 },
  ])
    expect((await kept({ cache, ...other })).sessions.found).toEqual([]);
});

test("once there is a data folder they move there, and none is made for them", async () => {
  const [cache, data] = [temporaryFolder(), join(temporaryFolder(), "data")];
  const { sessions } = await kept({ cache, data });
  sessions.save([session]);
  await settled(() => filesIn(join(cache, "consoles")).some((name) => name.endsWith(".json")));
  expect(existsSync(data)).toBeFalse();
  mkdirSync(data, { mode: 0o700 });
  sessions.save([]);
  await settled(() => filesIn(data).includes(NAME) && filesIn(join(cache, "consoles")).length === 0);
  expect((await kept({ cache, data })).sessions.found).toEqual([]);
});

test("servers that have one data folder let nobody in whom another one has let in, and leave each other's alone", async () => {
  const data = temporaryFolder();
  const other = { data, port: 8081 };
  const { sessions } = await kept({ data });
  sessions.save([session]);
  await settled(() => filesIn(data).length === 1);
  const { sessions: others } = await kept(other);
  expect(others.found).toEqual([]);
  const another = { ...session, hash: "i".repeat(43) };
  others.save([another]);
  await settled(() => filesIn(data).filter((name) => !name.endsWith(".new")).length === 2);
  expect((await kept({ data })).sessions.found).toEqual([session]);
  expect((await kept(other)).sessions.found).toEqual([another]);
});

test("files of servers that nobody looks at go after a week, and nothing else of a data folder does", async () => {
  const [cache, data] = [temporaryFolder(), temporaryFolder()];
  const old = [join(cache, "consoles/old.json"), join(data, "store.db")];
  mkdirSync(join(cache, "consoles"), { mode: 0o700 });
  for (const path of old) {
    writeFileSync(path, "");
    utimesSync(path, 0, 0);
  }
  (await kept({ cache })).sessions.save([]);
  await settled(() => filesIn(join(cache, "consoles")).length === 1 && !existsSync(old[0] as string));
  (await kept({ data })).sessions.save([]);
  await settled(() => filesIn(data).length === 2);
  expect(filesIn(data).sort()).toEqual([NAME, "store.db"]);
});

test("what was to be kept while that failed is kept after all", async () => {
  const data = temporaryFolder();
  const obstacle = join(data, `${NAME}.new`);
  mkdirSync(obstacle);
  const told: string[] = [];
  const sessions = await KeptSessions.open({ ...at, data }, (_, text) => {
    told.push(text);
    rmdirSync(obstacle);
  });
  sessions.save([session]);
  sessions.save([]);
  await settled(() => filesIn(data).includes(NAME));
  expect(told).toEqual([expect.stringContaining("Cannot keep who has the console open")]);
  expect((await kept({ data })).sessions.found).toEqual([]);
});

test("a folder by the name of the data folder that has something else in it is left alone", async () => {
  const [cache, data] = [temporaryFolder(), temporaryFolder()];
  for (const name of ["words.csv", NAME]) writeFileSync(join(data, name), "mine");
  const { sessions, told } = await kept({ cache, data });
  sessions.save([session]);
  await settled(() => filesIn(join(cache, "consoles")).some((name) => name.endsWith(".json")));
  expect([readFileSync(join(data, NAME), "utf8"), filesIn(data).length, told]).toEqual(["mine", 2, []]);
  expect((await kept({ cache, data })).sessions.found).toEqual([session]);
});

test("where they can't be kept who has closed the console since is not let in by what was kept before", async () => {
  const data = temporaryFolder();
  const { sessions, told } = await kept({ data });
  sessions.save([session]);
  await settled(() => filesIn(data).includes(NAME));
  mkdirSync(join(data, `${NAME}.new`));
  sessions.save([]);
  await settled(() => told.length > 0);
  expect((await kept({ data })).sessions.found).toEqual([]);
});

test("what somebody else could have written lets nobody in", async () => {
  const data = temporaryFolder();
  const file = join(data, NAME);
  const text = JSON.stringify([session]);
  const read = async () => {
    const { sessions, told } = await kept({ data });
    return [sessions.found.length, ...told.map((line) => line.replaceAll(data, "."))];
  };
  writeFileSync(file, text, { mode: 0o600 });
  expect(await read()).toEqual([1]);
  const cannot = `Cannot know who had the console open, by ./${NAME}:`;
  chmodSync(file, 0o640);
  expect(await read()).toEqual([0, `${cannot} it is not this user's alone.`]);
  chmodSync(file, 0o600);
  chmodSync(data, 0o777);
  expect(await read()).toEqual([0, `${cannot} others may write to ..`]);
  chmodSync(data, 0o700);
  renameSync(file, join(data, "elsewhere"));
  symlinkSync(join(data, "elsewhere"), file);
  expect((await read())[0]).toBe(0);
});

test.each([
  ["no JSON", "{", "it is damaged."],
  ["more than that", JSON.stringify([{ ...session, more: 1 }]), "it is damaged."],
  ["too many", JSON.stringify(Array(101).fill(session)), "it is damaged."],
  ["too long", " ".repeat(100_000), "it is no file of ours."],
])("what is damaged is told, and nobody is in: %s", async (_, text, why) => {
  const data = temporaryFolder();
  writeFileSync(join(data, NAME), text, { mode: 0o600 });
  const { sessions, told } = await kept({ data });
  expect(sessions.found).toEqual([]);
  expect(told).toHaveLength(1);
  expect(told[0]).toEndWith(why);
});

test("a folder that others may write to is told of once, and nothing is put there", async () => {
  const data = temporaryFolder();
  chmodSync(data, 0o777);
  const { sessions, told } = await kept({ data });
  sessions.save([session]);
  await settled(() => told.length > 0);
  // Each save that fails takes away what was kept before.
  writeFileSync(join(data, NAME), "");
  sessions.save([session]);
  await settled(() => !filesIn(data).includes(NAME));
  expect(filesIn(data)).toEqual([]);
  // This one comes behind it: all that was to be told has been.
  chmodSync(data, 0o700);
  sessions.save([session]);
  await settled(() => filesIn(data).includes(NAME));
  expect(told).toEqual([
    `Cannot keep who has the console open, a restart locks it: others may write to ${data}.`,
  ]);
});
