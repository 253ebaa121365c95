/** Clients that the very reply to a resume closes. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("a room hears last of a user whom the reply has closed that it is away", async () => {
  const stage = new Stage({ rooms: "join" }, { outbox: 17_000 });
  const name = "n".repeat(60);
  const [ann, session] = await login(stage, name);
  for (let n = 0; n < 100; n++) {
    send(ann, { event: "join", id: n, room: `${"x".repeat(60)}${n}` });
    await settle(stage);
    ann.toClient.length = 0;
  }
  ann.ended();
  await settle(stage);
  const user = stage.application.userOf(name);
  const kinds: string[] = [];
  for (const { extension } of [...(user?.rooms ?? [])].slice(0, 1))
    extension.dispatch = ({ kind }) => void kinds.push(kind);
  const slow = stage.open();
  // What it has not read yet.
  slow.send("x".repeat(16_900));
  send(slow, { event: "reconnect", id: 4, data: { session } });
  expect([slow.closeCode, user?.isConnected]).toEqual([4001, false]);
  expect(kinds).toEqual(["reconnect", "disconnect"]);
});
