/** The types of the package `hotroom`: what they say is so, and a program is checked by them alone. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../../mod.ts";
import type * as real from "../../mod.ts";
import type * as told from "../../src/embed/embed.d.ts";
import { makeFolder } from "../e2e/harness.ts";

setDefaultTimeout(60_000);
const root = join(import.meta.dir, "../..");

/** `true` where both have the same keys; something that `true` does not fit else. */
type SameKeys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : [keyof A, keyof B];
/** The compiler holds the sources against what programs are told of them. */
const start: typeof told.startServer = startServer;
const same: [
  SameKeys<real.ServerOptions, told.ServerOptions>,
  SameKeys<Required<real.ServerOptions>["limits"], Required<told.ServerOptions>["limits"]>,
  SameKeys<real.Server, told.Server>,
  SameKeys<real.EmbeddedApplication, told.EmbeddedApplication>,
  SameKeys<real.EmbeddedRoom, told.EmbeddedRoom>,
  SameKeys<real.ApplicationEvents, told.ApplicationEvents>,
  SameKeys<real.StopReport, told.StopReport>,
  SameKeys<real.UserInfo, told.UserInfo>,
] = [true, true, true, true, true, true, true, true];

const program = `
import { startServer, type EmbeddedRoom, type HotroomError, type Server } from "hotroom";

const server: Server = await startServer({ port: 0, applications: { chat: "./chat.ts" }, ceilings: { memory: 1, env: ["A"] } });
const chat = server.application("chat");
chat.on("join", (room, user) => [room.name.trim(), user.name.trim()]);
// @ts-expect-error there is no such event
chat.on("gone", () => {});
// @ts-expect-error there is no such option
await startServer({ prot: 0 });
const lobby: EmbeddedRoom = await chat.createRoom("lobby", { keep: true }).catch((error: HotroomError) => {
  throw new Error(error.code.trim());
});
lobby.broadcast("said", lobby.users.length);
export const lost: number = (await server.stop()).events;
`;

test("a program is checked by declarations alone, whatever its compiler's mode", async () => {
  expect([start, same.length]).toEqual([startServer, 8]);
  const folder = makeFolder({ "package.json": '{ "type": "module" }', "program.ts": program });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/hotroom"));
  for (const mode of ["nodenext nodenext", "preserve bundler"]) {
    const [module, resolution] = mode.split(" ") as [string, string];
    const flags = "--noEmit --strict --target es2022 --lib es2023,dom,dom.iterable --types --skipLibCheck";
    const compiler = [join(root, "node_modules/typescript/bin/tsc"), ...flags.split(" ")];
    const modes = ["--module", module, "--moduleResolution", resolution, "program.ts"];
    const child = Bun.spawn([process.execPath, ...compiler, ...modes], { cwd: folder, stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("");
    expect(await child.exited).toBe(0);
  }
});
