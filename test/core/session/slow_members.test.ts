/** What the others get of a member whose client does not keep up: all that they are sent, in its order. */
import { expect, test } from "bun:test";
import { login, send, settle } from "./links.ts";
import { Stage } from "./stage.ts";

const OUTBOX = 64 * 1024;
const DATA = JSON.stringify("x".repeat(OUTBOX / 3));

test.each([
  ["some alone", { kind: "send", to: ["u2", "u3"], type: "said", data: DATA }],
  ["all but some", { kind: "broadcast", type: "said", data: DATA, except: ["u1", "u4"] }],
] as const)(
  "a slow client is closed once %s have been sent the frame that was too much",
  async (_, effect) => {
    const stage = new Stage({ rooms: "join" }, { outbox: OUTBOX }, () => ({ effects: [effect] }));
    const links = [];
    for (const name of ["ann", "bob", "cat", "dan"]) {
      const [link] = await login(stage, name);
      links.push(link);
      send(link, { event: "join", id: 2, room: "hall" });
      await settle(stage);
    }
    const [ann, bob, cat] = links;
    if (!ann || !bob || !cat) throw new Error("Nobody has come.");
    const heard: { seq: number; event: string }[] = [];
    for (let count = 0; bob.closeCode === undefined && count < 10; count++) {
      send(ann, { event: "message", room: "hall", type: "all" });
      await settle(stage);
      heard.push(...cat.toClient.splice(0).map((text) => JSON.parse(text)));
    }
    expect(bob.closeCode).toBe(4001);
    const numbers = heard.flatMap(({ seq }) => seq ?? []);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(heard.slice(-2).map(({ event }) => event)).toEqual(["message", "disconnect"]);
  },
);
