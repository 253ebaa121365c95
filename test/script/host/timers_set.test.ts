import { expect, test } from "bun:test";
import { message, Stage } from "./stage.ts";

const due = (key: string, known: number) => ({ kind: "timer", name: "t", user: `${known} ${key}` });

test("a timer that was set anew since it fell due is not heard, however many others were set since", async () => {
  const stage = await Stage.room(`
    messages: { set: (room, user, from) => { for (let i = from; i < from + 150; i++) room.schedule("t", 10, i, { key: "k" + i }); } },
    timers: { t: (room, data, key) => key }`);
  // Events 4 to 21: 2,700 keys, of which the first 700 are forgotten one by one.
  const events = Array.from({ length: 18 }, (_, i) => message("set", 150 * i));
  await stage.play(...events);
  const statuses = async (key: string, known: number) => (await stage.play(due(key, known)))[0]?.status;
  expect(await statuses("k2699", 20)).toBe("no_handler");
  expect(await statuses("k2699", 21)).toBe("ok");
  // What is not known any more is heard where the server has carried out all that was forgotten, and else asked for again.
  expect(await statuses("k0", 3)).toBe("no_handler");
  expect(await statuses("k0", 21)).toBe("ok");
  expect(await statuses("never set", 21)).toBe("ok");
});
