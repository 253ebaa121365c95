/** Applications that are removed while users are away. */
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

test("an application that is gone takes no memory of histories", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const { application } = stage;
  const [ann] = await login(stage, "ann");
  await login(stage, "bob");
  send(ann, { event: "join", id: 2, room: "hall" });
  await settle(stage);
  ann.ended();
  application.broadcast({ event: "message", type: "news", data: "1" });
  application.userOf("ann")?.send({ event: "message", type: "news", data: "1" });
  expect(stage.histories.bytes).toBeGreaterThan(0);
  const closing = application.close("It was removed.", "application_removed");
  await settle(stage);
  await closing;
  await settle(stage);
  expect(stage.histories.bytes).toBe(0);
});
