/**
 * The compiler is the one that tests this file: a wrong inference, or an error that is expected and does not come,
 * fails `bun run types`. The test below makes sure that `bun test` sees that too.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import * as v from "valibot";
import type { Client, MessagesOf, Room } from "../../../src/client/client.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

const messages = {
  say: (_room: unknown, _user: unknown, data: { text: string }) => void data.text,
  time: () => ({ now: 1, at: new Date() }),
  maybe: async (_room: unknown, _user: unknown, data?: number) => data ?? null,
  // biome-ignore lint/suspicious/noExplicitAny: scripts may say so of what clients send.
  anything: (_room: unknown, _user: unknown, data: any) => [data.x as string],
  move: {
    schema: v.object({ cell: v.pipe(v.string(), v.transform(Number)), fast: v.optional(v.boolean(), false) }),
    handle: (_room: unknown, _user: unknown, { cell }: { cell: number; fast: boolean }) => ({
      ok: true,
      cell,
    }),
  },
};
type Definition = { messages: typeof messages };
/** As `defineRoom()` returns it: the messages are there as a type only. */
type Kept = { readonly "~room"?: { readonly state: { n: number }; readonly messages: typeof messages } };
type KeptApplication = { readonly "~application"?: { readonly messages: typeof messages } };

export function inferences(room: Room<Definition>, client: Client<KeptApplication>, loose: Room): void {
  type M = MessagesOf<Definition>;
  same<M["say"], { data: { text: string }; reply: undefined }>(true);
  same<M["time"], { data: undefined; reply: { now: number; at: string } }>(true);
  same<M["maybe"]["reply"], number | null>(true);
  same<M["move"]["data"], { cell: string; fast?: boolean | undefined }>(true);
  same<M["move"]["reply"], { ok: boolean; cell: number }>(true);
  same<M["anything"]["reply"], string[]>(true);
  same<MessagesOf<Kept>, M>(true);
  same<MessagesOf<KeptApplication>, M>(true);

  room.send("say", { text: "hi" });
  room.send("time");
  room.send("maybe");
  room.send("maybe", 1);
  room.send("anything");
  room.send("anything", [1]);
  room.send("move", { cell: "1" });
  same<ReturnType<typeof room.request<"move">>, Promise<{ ok: boolean; cell: number }>>(true);
  void room.request("move", { cell: "1" }, { timeout: 5000 });
  void room.request("time", undefined, { timeout: 5000 });
  void client.request("say", { text: "hi" });

  // @ts-expect-error no such message
  room.send("shout", { text: "hi" });
  // @ts-expect-error the data is missing
  room.send("say");
  // @ts-expect-error the data is wrong
  room.send("say", { text: 1 });
  // @ts-expect-error the schema's input is text
  room.send("move", { cell: 1 });
  void client.request("maybe").then((reply) => same<typeof reply, number | null>(true));
  // @ts-expect-error no such message of the application
  void client.request("shout");

  loose.send("whatever");
  void loose.request("whatever", { a: 1 }).then((reply) => reply.b.c);
  loose.messages.on("said", (data) => data.text);
}

export function arriving(room: Room<Definition, { said: { text: string } }>): void {
  room.messages.on("said", ({ text }) => same<typeof text, string>(true));
  // @ts-expect-error the caller has said what arrives
  room.messages.on("shouted", () => {});
  // @ts-expect-error a lifecycle event is no message, and the other way round
  room.on("said", () => {});
}

/** What the compiler has to say about files of this folder. */
function complaints(...options: string[]): string[] {
  const compiler = [
    process.execPath,
    "x",
    "--no-install",
    "tsc",
    "--noEmit",
    "--pretty",
    "false",
    ...options,
  ];
  const { stdout } = Bun.spawnSync(compiler, { cwd: join(import.meta.dir, "../../..") });
  return stdout
    .toString()
    .split("\n")
    .filter((line) => /^(?:src|test)\/client\//.test(line));
}

test("definitions give the types of messages and replies", () => {
  expect(complaints()).toEqual([]);
}, 60_000);

test("an example's room is typed through the script API, as its author's editor sees it", () => {
  expect(complaints("--project", "test/client/fixtures")).toEqual([]);
}, 60_000);
