import { describe, expect, test } from "bun:test";
import type { Client } from "./client.ts";
import type { Driver } from "./driver.ts";
import type { GroupStep } from "./platform_server.ts";

/** What groups of sockets do on every platform; both sizes, since a runtime may treat them differently. */
export function groupContract(driver: () => Driver): void {
  let count = 0;

  /** So many clients with names of their own, and a way to do steps to a group of their own, as one of them. */
  async function crowd(size: number) {
    const name = `group ${++count}`;
    const names = Array.from({ length: size }, (_, i) => `${name} member ${i}`);
    const clients = await Promise.all(names.map((each) => driver().open(each)));
    const asker = await driver().open(`${name} asker`);
    const run = (...steps: GroupStep[]) => asker.ask({ do: "group", name, steps });
    const all = (what: "add" | "delete") => names.map((each): GroupStep => [what, each]);
    const end = () => {
      for (const client of [...clients, asker]) client.close();
    };
    return { names, clients: clients as [Client, ...Client[]], run, all, end };
  }

  for (const size of [1, 3, 4, 40]) {
    describe(`a group of ${size}`, () => {
      test("gets each frame once, in order, also among frames for one socket", async () => {
        const { names, clients, run, all, end } = await crowd(size);
        const [first = ""] = names;
        run(
          ...all("add"),
          ["tell", first, "a"],
          ["send", "b"],
          ["tell", first, "c"],
          ["send", "d"],
          ["send", "e"],
        );
        run(["tell", first, "f"], ["send", "g"]);
        expect(await clients[0].take(7)).toEqual([..."abcdefg"]);
        for (const client of clients.slice(1)) expect(await client.take(4)).toEqual([..."bdeg"]);
        end();
      });

      test("one of it, or of none, may be left out of a frame, which keeps its place", async () => {
        const { names, clients, run, all, end } = await crowd(size);
        const [first = ""] = names;
        run(
          ...all("add"),
          ["tell", first, "a"],
          ["send", "b", first],
          ["send", "c"],
          ["send", "d", `${first.replace(/ member.*/, "")} asker`],
        );
        run(["send", "e", first], ["send", "f"]);
        expect(await clients[0].take(4)).toEqual([..."acdf"]);
        for (const client of clients.slice(1)) expect(await client.take(5)).toEqual([..."bcdef"]);
        end();
      });

      test("who comes in hears nothing from before, who goes out nothing from after", async () => {
        const { names, clients, run, all, end } = await crowd(size);
        const last = names.at(-1) as string;
        run(
          ...all("add"),
          ["delete", last],
          ["send", "1"],
          ["add", last],
          ["send", "2"],
          ["delete", last],
          ["send", "3"],
        );
        run(["tell", last, "end"], ["add", last], ["send", "4"]);
        expect(await (clients.at(-1) as Client).take(3)).toEqual(["2", "end", "4"]);
        for (const client of clients.slice(0, -1)) expect(await client.take(4)).toEqual([..."1234"]);
        end();
      });

      test("a member that closes is gone, and is not taken again", async () => {
        const { names, clients, run, all, end } = await crowd(size);
        const [first = ""] = names;
        run(
          ...all("add"),
          ["send", "before"],
          ["close", first],
          ["send", "after"],
          ["add", first],
          ["send", "later"],
        );
        expect(await clients[0].next()).toBe("before");
        await clients[0].closed;
        expect(clients[0].unread).toEqual([]);
        for (const client of clients.slice(1))
          expect(await client.take(3)).toEqual(["before", "after", "later"]);
        end();
      });
    });
  }

  test("a socket in two groups hears both, in the order in which they were sent", async () => {
    const one = await crowd(5);
    const other = await crowd(5);
    const joined = one.names.map((each): GroupStep => ["add", each]);
    one.run(...one.all("add"));
    other.run(
      ...other.all("add"),
      ...joined,
      ["send", "from the other"],
      ["tell", one.names[0] as string, "alone"],
    );
    expect(await one.clients[0].take(2)).toEqual(["from the other", "alone"]);
    one.run(["send", "from the one"]);
    expect(await one.clients[0].next()).toBe("from the one");
    expect(await other.clients[0].next()).toBe("from the other");
    one.end();
    other.end();
  });

  test("a thousand frames arrive whole and in order", async () => {
    const { clients, run, all, end } = await crowd(8);
    const frames = Array.from({ length: 1000 }, (_, i) => `${i}:${"x".repeat(500)}`);
    run(...all("add"));
    for (let i = 0; i < 1000; i += 50)
      run(...frames.slice(i, i + 50).map((each): GroupStep => ["send", each]));
    for (const client of clients) expect(await client.take(1000)).toEqual(frames);
    end();
  });
}
