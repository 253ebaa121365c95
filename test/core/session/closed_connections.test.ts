/** Requests that wait for a logout when their connection ends. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

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
