/** A link is lost behind the frame that comes back, and the server reads that frame only after the client has come back by another link. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("[P142] a frame that is read late takes nothing from a connection that was accepted later", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const [first, session] = await login(stage, "ann");
  await settle(stage);
  first.ended();
  const lost = stage.open();
  const newest = stage.open();
  send(newest, { event: "reconnect", id: 2, data: { session, seen: 0 } });
  const [reply] = newest.toClient.map((text) => JSON.parse(text));
  send(lost, { event: "reconnect", id: 1, data: { session, seen: 0 } });
  expect([newest.closeCode, lost.closeCode]).toEqual([undefined, 4503]);
  expect(lost.toClient).toEqual([]);

  newest.ended();
  const next = stage.open();
  send(next, { event: "reconnect", id: 3, data: { session: reply.data.session, seen: 0 } });
  expect(JSON.parse(next.toClient[0] ?? "")).toMatchObject({ id: 3, ok: true, data: { outcome: "resumed" } });
});

test("[P142] where the newest connection is gone, an older one comes back", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const older = stage.open();
  const [first, session] = await login(stage, "ann");
  await settle(stage);
  first.ended();
  send(older, { event: "reconnect", id: 1, data: { session, seen: 0 } });
  expect(JSON.parse(older.toClient[0] ?? "")).toMatchObject({ id: 1, ok: true });
});
