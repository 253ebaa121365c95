/** Joins, and requests to watch, that their rooms have not answered when another client takes the user over. */
import { expect, test } from "bun:test";
import { takeOver } from "../../../src/core/user/come_back.ts";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("the client that has taken a user over is told of a room that the other one had asked to join", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const { application } = stage;
  const [ann] = await login(stage, "ann");
  send(ann, { event: "join", id: 2, room: "hall" });
  const taker = stage.open();
  const [connection, user] = [[...application.connections].at(-1), application.userOf("ann")];
  if (!connection || !user) throw new Error("There is nobody.");
  takeOver(application, connection, user, { event: "login", id: 1 });
  await settle(stage);
  const frames = taker.toClient.map((text) => JSON.parse(text));
  expect(frames[0].data.rooms).toEqual([]);
  expect(frames.at(-1)).toMatchObject({ event: "joined", room: "hall", users: [{ name: "ann" }] });
  // The other one's answer is not sent.
  expect(frames.filter(({ id }) => id === 2)).toEqual([]);
});

test("the client that has taken a user over does not watch what the other one had asked to watch", async () => {
  const stage = new Stage({ rooms: "join" }, {});
  const { application } = stage;
  const [ann] = await login(stage, "ann");
  application.createRoom("hall", { type: "r", keep: true });
  await settle(stage);
  send(ann, { event: "subscribe", id: 2, room: "hall" });
  await stage.settled();
  const taker = stage.open();
  const [connection, user] = [[...application.connections].at(-1), application.userOf("ann")];
  if (!connection || !user) throw new Error("There is nobody.");
  takeOver(application, connection, user, { event: "login", id: 1 });
  await settle(stage);
  expect([user.watched.size, application.rooms.get("hall")?.watchers.size]).toEqual([0, 0]);
  expect(JSON.parse(taker.toClient[0] ?? "").data.rooms).toEqual([]);
});
