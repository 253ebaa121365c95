import { expect } from "bun:test";
import { type Client, type ConnectOptions, connect, HotroomClientError } from "../../src/client/client.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { SessionServer } from "./session_server.ts";

/** Quick, for tests: what is waited for is the event, never the time. */
export const quick: ConnectOptions = {
  reconnect: { minDelay: 5, maxDelay: 50, spread: 20 },
  liveness: 1_000,
};

/** A client in a room, by way of a proxy. */
export async function inLobby(options: ConnectOptions = {}) {
  const server = new SessionServer();
  const proxy = await CuttingProxy.to(server.url);
  const client = await connect(proxy.url(server.url), { ...quick, ...options });
  await client.login({ name: "ann" });
  const room = await client.join("lobby");
  const heard: unknown[] = [];
  room.messages.on("said", (data) => heard.push(data));
  const events: unknown[] = [];
  client.on("away", () => events.push("away"));
  client.on("back", ({ outcome, missed }) => events.push(["back", outcome, missed]));
  client.on("reset", ({ lost }) => events.push(["reset", lost]));
  client.on("expired", ({ user }) => events.push(["expired", user?.name]));
  const dispose = async () => {
    await client.close();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, proxy, client, room, heard, events, [Symbol.asyncDispose]: dispose };
}

/** Resolves at the client's next event of that name. */
export const next = (client: Client, event: "away" | "back" | "reset" | "expired") =>
  new Promise<void>((resolve) => client.once(event, () => resolve()));

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<HotroomClientError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(HotroomClientError);
  return error as HotroomClientError;
}
