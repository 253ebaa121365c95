/** Requests that wait for a logout when their connection ends. */
import { expect, test } from "bun:test";
import { type Link, Stage } from "./stage.ts";

/** Sends one frame, which the server reads at once. */
function send(link: Link, frame: object): void {
  link.toServer.push(JSON.stringify(frame));
  link.read();
}

async function settle(stage: Stage): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    while (stage.waiting > 0) stage.answer();
    await stage.settled();
    stage.clock.advance(0);
  }
}

/** Logs a user in; returns its link and its secret. */
async function login(stage: Stage, name: string): Promise<[Link, string]> {
  const link = stage.open();
  send(link, { event: "login", id: 1, data: { name } });
  await stage.settled();
  return [link, JSON.parse(link.toClient[0] ?? "").data.session];
}

test("a connection that has ended comes back to nobody", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const [ann] = await login(stage, "ann");
  const [bob, session] = await login(stage, "bob");
  send(ann, { event: "join", id: 2, room: "hall" });
  await settle(stage);
  send(ann, { event: "logout", id: 3 });
  send(ann, { event: "reconnect", id: 4, data: { session } });
  ann.ended();
  await settle(stage);
  expect(bob.closeCode).toBeUndefined();
  bob.ended();
  await settle(stage);
  stage.clock.advance(30_000);
  await settle(stage);
  expect(stage.application.users.size).toBe(0);
});
