/** Rooms that a user has left whole before it lost its connection. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("what a room says after one has left it is nothing that one lacks", async () => {
  const stage = new Stage({ rooms: "join", session: { history: 20 } }, {});
  const [ann, session] = await login(stage, "ann");
  const [bob] = await login(stage, "bob");
  for (const link of [ann, bob]) send(link, { event: "join", id: 2, room: "hall" });
  await settle(stage);
  send(ann, { event: "leave", id: 3, room: "hall" });
  await settle(stage);
  const seen = JSON.parse(ann.toClient.at(-1) ?? "").seq;
  ann.ended();
  const { audience } = stage.application.rooms.get("hall") ?? {};
  for (let n = 0; n < 40; n++) audience?.send({ event: "message", room: "hall", type: "said", data: "1" });
  const again = stage.open();
  send(again, { event: "reconnect", id: 4, data: { session, seen } });
  expect(JSON.parse(again.toClient[0] ?? "").data).toMatchObject({
    outcome: "resumed",
    missed: 0,
    rooms: [],
  });
});
