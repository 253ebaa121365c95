/** Clients that do not take what they have missed. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

test("who is closed by the last of what it missed is away, and hears nothing twice once it is back", async () => {
  const stage = new Stage({}, { outbox: 40_000 });
  const [ann, first] = await login(stage, "ann");
  const { application } = stage;
  ann.ended();
  const user = application.userOf("ann");
  user?.send({ event: "message", type: "long", data: JSON.stringify("x".repeat(60_000)) });
  const slow = stage.open();
  send(slow, { event: "reconnect", id: 2, data: { session: first, seen: 0 } });
  expect([slow.closeCode, user?.isLive, application.audience.live]).toEqual([4001, false, 0]);
  slow.ended();
  const { session } = JSON.parse(slow.toClient[0] ?? "").data;
  const again = stage.open();
  send(again, { event: "reconnect", id: 3, data: { session, seen: application.sessions.numbers.last } });
  expect([user?.isLive, application.audience.live]).toEqual([true, 1]);
});

test("who comes back hears of one who is closed by what tells of that, however much was sent before", async () => {
  const heard = new Set<string>();
  // The look at what waits for all is due at one of these by the frame that tells of the return itself.
  for (let length = 15_500; length < 16_400; length += 40) {
    const stage = new Stage({ rooms: "join" }, { outbox: 100_000 }, () => ({
      effects: [{ kind: "broadcast", type: "said", data: JSON.stringify("x".repeat(length)) }],
    }));
    const [ann, secret] = await login(stage, "ann");
    const [bob] = await login(stage, "bob");
    const [cat] = await login(stage, "cat");
    for (const link of [ann, bob, cat]) send(link, { event: "join", id: 2, room: "hall" });
    await settle(stage);
    ann.ended();
    send(cat, { event: "message", room: "hall", type: "say" });
    await settle(stage);
    bob.toClient.push("y".repeat(200_000));
    const again = stage.open();
    send(again, { event: "reconnect", id: 3, data: { session: secret, seen: 0 } });
    await settle(stage);
    const of = (link: typeof again) =>
      link.toClient.filter((text) => text.startsWith('{"event":"disconnect"') && text.includes('"bob"'))
        .length;
    heard.add(`${of(cat)} ${of(again)}`);
  }
  expect([...heard].sort()).toEqual(["0 0", "1 1"]);
});
