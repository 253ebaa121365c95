/** The SDK against the real server, through a proxy that cuts: who was away finds everything as if it had not been. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Client, connect, type ConnectOptions, type Room } from "../../src/client/client.ts";
import { type Cut, CuttingProxy } from "../client/cutting_proxy.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

/** A room that keeps what it has handled, in order. */
const hall = (word: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ handled: [] as unknown[], word: "" }),
  messages: {
    say(room, user, n: number) {
      room.state.handled.push(n);
      room.broadcast("said", n);
      return n;
    },
    handled: (room) => room.state.handled,
    word: () => "${word}",
    hang() { for (;;); },
  },
});
`;
const settings = { session: { grace: 20_000 }, limits: { cpuPerEvent: 100 } };
const files = {
  "hall/rooms/hall.ts": hall("first"),
  "hall/hotroom.json": JSON.stringify({ ...settings, rooms: "join" }),
};
const quick: ConnectOptions = { reconnect: { minDelay: 10, maxDelay: 100, spread: 100 }, liveness: 4_000 };
const args = ["--inbound-rate", "0"];

onEachRuntime("coming back", (runtime) => {
  let server: TestServer;
  let proxy: CuttingProxy;
  let ann: Client;
  let room: Room;
  let bob: Client;
  let events: unknown[];
  const heard: unknown[] = [];

  async function begin(more: Record<string, string> = {}): Promise<void> {
    server = await startServer({ runtime, files: { ...files, ...more }, args });
    const url = `${server.url.replace("http", "ws")}/ws/hall`;
    proxy = await CuttingProxy.to(server.url);
    ann = await connect(proxy.url(url), quick);
    bob = await connect(url, quick);
    await ann.login({ name: "ann" });
    await bob.login({ name: "bob" });
    room = await ann.join("a");
    await bob.join("a");
    await until("both to be there", () => room.users.length === 2);
    heard.length = 0;
    events = [];
    room.messages.on("said", (n) => heard.push(n));
    ann.on("back", ({ outcome }) => events.push(["back", outcome]));
    ann.on("reset", ({ lost }) => events.push(["reset", lost]));
    ann.on("expired", ({ user }) => events.push(["expired", user?.name]));
  }
  beforeEach(() => begin());
  afterEach(async () => {
    await Promise.all([ann.close(), bob.close()]);
    await proxy[Symbol.asyncDispose]();
    await server.kill();
  });

  const others = () => bob.rooms.get("a") as Room;

  test.each<Cut>(["fin", "rst", "silence"])(
    "a link that ends with %s is resumed, and the others see it",
    async (how) => {
      const seen: unknown[] = [];
      others().on("disconnect", ({ name, connected }) => seen.push([name, connected]));
      others().on("reconnect", ({ name, connected }) => seen.push([name, connected]));
      others().on("leave", ({ name }) => seen.push(["leave", name]));
      const ids = room.users.map(({ id }) => id);
      proxy.isUp = false;
      const before = room.request("say", 1);
      proxy.cut(how);
      await until("ann to be away", () => ann.state === "away");
      await others().request("say", 2);
      const during = room.request("say", 3);
      if (how !== "silence") await until("ann to be seen away", () => seen.length === 1);
      proxy.isUp = true;
      expect(await Promise.all([before, during])).toEqual([1, 3]);
      await until("all that was said", () => heard.length === 3);
      expect(heard).toEqual(await room.request<string>("handled"));
      expect(events).toEqual([["back", "resumed"]]);
      expect([ann.rooms.get("a"), room.users.map(({ id }) => id)]).toEqual([room, ids]);
      if (how !== "silence") {
        await until("ann to be seen back", () => seen.length === 2);
        expect(seen).toEqual([
          ["ann", false],
          ["ann", true],
        ]);
      }
      expect(others().users.every(({ connected }) => connected)).toBe(true);
    },
  );

  test("cut at any moment, through an edit and a killed host, nothing is lost, repeated or reordered", async () => {
    const cuts: Cut[] = ["fin", "rst", "fin", "rst", "fin", "rst"];
    const said: Promise<unknown>[] = [];
    for (let n = 0; n < 120; n++) {
      said.push((n % 3 === 0 ? others() : room).request("say", n, { timeout: 0 }));
      if (n === 40) server.write("hall/rooms/hall.ts", hall("second"));
      if (n === 80) for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      if (n % 20 === 10) proxy.cut(cuts.pop() ?? "rst");
      await Bun.sleep(5); // So that what is cut is here and there on its way.
    }
    expect(await Promise.all(said)).toEqual(Array.from({ length: 120 }, (_, n) => n));
    const handled = await room.request<string>("handled");
    await until("all that was said", () => heard.length >= 120);
    expect(heard).toEqual(handled as unknown[]);
    const of = (mine: boolean) => (handled as number[]).filter((n) => (n % 3 === 0) !== mine);
    for (const list of [of(true), of(false)]) expect(list).toEqual(list.toSorted((a, b) => a - b));
    await until("the edit", async () => (await room.request("word")) === "second");
    expect(events.every((event) => (event as string[])[1] === "resumed")).toBe(true);
    expect(events.length).toBeGreaterThan(3);
  });

  test("[P103] after a restart of the server, which says nothing of its rooms, it logs in again, and its rooms live on", async () => {
    const { port } = server;
    await server.stop();
    await until("ann to be away", () => ann.state === "away");
    const queued = room.request("say", 7);
    const again = await startServer({ runtime, files, args: [...args, "--port", String(port)] });
    try {
      expect(await queued).toBe(7);
      await until("what was said", () => heard.length === 1);
      expect(events).toEqual([
        ["expired", "ann"],
        ["reset", ["a", null]],
        ["back", "reset"],
      ]);
      expect(ann.rooms.get("a")).toBe(room);
      await until("both", () => room.users.length === 2);
    } finally {
      await again.kill();
    }
  });

  describe("with little kept", () => {
    test("who missed too much is told which rooms have a gap, and gets the rest", async () => {
      await Promise.all([ann.close(), bob.close()]);
      await proxy[Symbol.asyncDispose]();
      await server.kill();
      const session = { grace: 20_000, history: 5 };
      await begin({ "hall/hotroom.json": JSON.stringify({ ...settings, session, rooms: "join" }) });
      proxy.isUp = false;
      proxy.cut("rst");
      await until("ann to be away", () => ann.state === "away");
      await until("ann to be seen away", () => others().users.some(({ connected }) => !connected));
      for (let n = 0; n < 20; n++) await others().request("say", n);
      proxy.isUp = true;
      await until("the newest", () => heard.at(-1) === 19);
      expect(events).toEqual([
        ["reset", ["a"]],
        ["back", "reset"],
      ]);
      expect(heard.length).toBeLessThanOrEqual(5);
      expect(await room.request("say", 20)).toBe(20);
    });
  });
});
