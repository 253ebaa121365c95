/** What a login handler is told of who comes: its address, and headers that the settings choose. */
import { expect, test } from "bun:test";
import { TestClient } from "./client.ts";
import { startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const app = `
import { defineApplication } from "hotroom";
export default defineApplication({ events: {
  login(app, { data, address, headers }) { return { name: data.name, data: { address, headers } }; },
  loggedIn: (app, user) => app.send(user, "me", user.data),
  request: (app, { address }) => ({ body: address }),
}, messages: { me: (app, user) => user.data } });`;
const files = {
  "named/hotroom.json": JSON.stringify({ headers: ["User-Agent", "x-tenant"] }),
  "named/app.ts": app,
  "plain/app.ts": app,
};

onEachRuntime("who is there", (runtime) => {
  test("the address is the peer's, and the headers are those that are named", async () => {
    const server = await startServer({ runtime, files });
    const headers = {
      "user-agent": "test/1",
      cookie: "c=1",
      authorization: "Bearer t",
      "x-forwarded-for": "203.0.113.1",
    };
    const open = async (path: string) => {
      const url = `ws://127.0.0.1:${server.port}${path}`;
      const client = new TestClient(url, [], { headers });
      await client.opened;
      return client;
    };
    for (const [application, shown] of [
      ["named", { "user-agent": "test/1" }],
      ["plain", {}],
    ] as const) {
      const ann = await open(`/ws/${application}`);
      await ann.ok({ event: "login", data: { name: "ann" } });
      expect(await ann.ask(undefined, "me")).toEqual({ address: "127.0.0.1", headers: shown });
      ann.close();
    }
    // It says later which application it means.
    for (const [appName, shown] of [
      ["named", { "user-agent": "test/1" }],
      ["plain", {}],
    ] as const) {
      const gopher = await open("/");
      gopher.send({ eventType: 6, appName, data: { username: "gopher" } });
      const { data } = await gopher.next(({ eventType }) => eventType === 11);
      expect(data).toEqual({ type: "me", address: "127.0.0.1", headers: shown });
      gopher.close();
    }
  });

  test("behind a proxy it is the one that the proxy has seen, and connections count for it", async () => {
    const args = ["--trust-proxy", "--max-connections-per-address", "2"];
    const server = await startServer({ runtime, files, args });
    const from = async (list: string) => {
      const url = `ws://127.0.0.1:${server.port}/ws/plain`;
      const client = new TestClient(url, [], { headers: { "x-forwarded-for": list } });
      await client.opened;
      await client.ok({ event: "login", data: { name: `n${Math.random()}` } });
      return client;
    };
    const clients = [await from("127.0.0.1, 203.0.113.1"), await from("203.0.113.1")];
    for (const client of clients)
      expect(await client.ask(undefined, "me")).toMatchObject({ address: "203.0.113.1" });
    expect(await from("203.0.113.1").catch(String)).toContain("Cannot open");
    clients.push(await from("203.0.113.2"));
    const headers = { "x-forwarded-for": "10.1.1.1, 2001:DB8::7" };
    expect(await (await fetch(`${server.url}/apps/plain/`, { headers })).text()).toBe("2001:db8::7");
    // Nobody gets to the API by what stands there.
    const claimed = { "x-forwarded-for": "127.0.0.1" };
    expect((await fetch(`${server.url}/api/applications`, { headers: claimed })).status).toBe(403);
    for (const client of clients) client.close();
  });
});
