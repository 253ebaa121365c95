/** Clients that do not take what they have missed. */
import { expect, test } from "bun:test";
import { type Link, Stage } from "./stage.ts";

/** Sends one frame, which the server reads at once. */
function send(link: Link, frame: object): void {
  link.toServer.push(JSON.stringify(frame));
  link.read();
}

/** Logs a user in; returns its link and its secret. */
async function login(stage: Stage, name: string): Promise<[Link, string]> {
  const link = stage.open();
  send(link, { event: "login", id: 1, data: { name } });
  await stage.settled();
  return [link, JSON.parse(link.toClient[0] ?? "").data.session];
}

test("who is closed by the last of what it missed is away, and hears nothing twice once it is back", async () => {
  const stage = new Stage({}, { outbox: 40_000 });
  const [ann, first] = await login(stage, "ann");
  const { application } = stage;
  ann.ended();
  const user = application.userOf("ann");
  user?.send({ event: "message", type: "long", data: JSON.stringify("x".repeat(60_000)) });
  const slow = stage.open();
  send(slow, { event: "reconnect", id: 2, data: { session: first, seen: 0 } });
  expect([slow.closeCode, user?.isLive, application.audience.live]).toEqual([4001, false, 0]);
  slow.ended();
  const { session } = JSON.parse(slow.toClient[0] ?? "").data;
  const again = stage.open();
  send(again, { event: "reconnect", id: 3, data: { session, seen: application.sessions.numbers.last } });
  expect([user?.isLive, application.audience.live]).toEqual([true, 1]);
});
