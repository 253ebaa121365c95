/** Moves of one user that scripts ask for at once. */
import { expect, test } from "bun:test";
import { moveUser } from "../../../src/core/user/move_user.ts";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("of two moves from one room to two others the first counts, and the user is in one room", async () => {
  const notes: string[] = [];
  const stage = new Stage({ rooms: "join" }, {});
  const { application } = stage;
  application.limits.note = (text) => void notes.push(text);
  const [ann] = await login(stage, "ann");
  for (const name of ["here", "left", "right"]) application.createRoom(name, { type: "r" });
  send(ann, { event: "join", id: 2, room: "here" });
  await settle(stage);
  const [user, here] = [application.userOf("ann"), application.rooms.get("here")];
  if (!user) throw new Error("There is nobody.");
  for (const room of ["left", "right"]) void moveUser(application, user, { room, hops: 1 }, here);
  await settle(stage);
  expect(Array.from(user.rooms, ({ name }) => name)).toEqual(["left"]);
  expect(notes).toEqual([expect.stringContaining('the user is not in room "here" any more')]);
});
