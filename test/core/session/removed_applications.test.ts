/** Applications that are removed while users are away. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

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
