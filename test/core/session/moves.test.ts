/** Moves of one user that scripts ask for at once. */
import { expect, test } from "bun:test";
import { moveUser } from "../../../src/core/user/move_user.ts";
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
