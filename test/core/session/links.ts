/** What tests do with the links of a stage: send a frame, log in, wait until all is answered. */
import type { Link, Stage } from "./stage.ts";

/** Sends one frame, which the server reads at once. */
export function send(link: Link, frame: object): void {
  link.toServer.push(JSON.stringify(frame));
  link.read();
}

/** Has all scripts answer, and what follows from it happen. */
export async function settle(stage: Stage): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    while (stage.waiting > 0) stage.answer();
    await stage.settled();
    stage.clock.advance(0);
  }
}

/** Logs a user in; returns its link and its secret. */
export async function login(stage: Stage, name: string): Promise<[Link, string]> {
  const link = stage.open();
  send(link, { event: "login", id: 1, data: { name } });
  await stage.settled();
  return [link, JSON.parse(link.toClient[0] ?? "").data.session];
}
