/** Plays one hostile script against a server and checks what the table says must happen. */
import { expect } from "bun:test";
import type { Frame, TestClient } from "../e2e/client.ts";
import { type TestServer, until } from "../e2e/harness.ts";
import { applicationOf, filesOf, type Hostile, type Outcome, sourceOf } from "./hostile.ts";

const room = "r";

/** Loads, logs in, joins, attacks; `aside` is asked for progress of others while a storm goes on. */
export async function attack(
  server: TestServer,
  script: Hostile,
  aside: () => Promise<unknown>,
): Promise<void> {
  const application = applicationOf(script.name);
  if (await unloadable(server, application, script)) return;
  const client = await server.connect(application);
  try {
    const login = await client.request({ event: "login", data: { name: "mallory" } });
    if (meets(login, "login", script.must)) return;
    const join = await client.request({ event: "join", room });
    if (meets(join, "join", script.must)) return await failed(server, `${application}/${room}`, script);
    const counts = script.after !== "answers";
    if (counts) expect(await client.ask(room, "count")).toBe(1);
    const frame = { event: "message", room, type: "attack", data: script.data };
    let reply: Frame;
    for (let i = 0; i < (script.times ?? 1); i++) {
      reply = await client.request(frame);
      expect(outcomeOf(reply, script.must)).toEqual(script.must as never);
    }
    if (reply.error?.code === "handler_failed") await failed(server, `${application}/${room}`, script);
    if (script.messages?.includes("probe(")) await probe(server, client, application);
    if (script.after === "edited") await edit(server, client, application, script, aside);
    if (script.after === "closed") await again(client);
    else if (script.after === "barred") await barred(client);
    else if (script.after === "answers") await client.request({ event: "message", room, type: "count" });
    else expect(await client.ask(room, "count")).toBe(2);
    if (script.after !== "closed") expect(client.isOpen).toBe(true);
    onceEach(client);
  } finally {
    client.close();
  }
}

/** The reply in the words of the table. */
function outcomeOf(reply: Frame, must: Outcome): Outcome {
  if (!reply.ok) return reply.error.code;
  return typeof must === "object" ? { gives: reply.data } : "ok";
}

/** Whether a login or join failed as it must; fails where it did although it must not. */
function meets(reply: Frame, event: string, must: Outcome): boolean {
  const mustFail = typeof must === "string" && must.startsWith(`${event}: `);
  if (!reply.ok || mustFail) expect(reply.ok ? "ok" : `${event}: ${reply.error.code}`).toBe(must as string);
  return !reply.ok;
}

async function unloadable(server: TestServer, application: string, script: Hostile): Promise<boolean> {
  const { must, log } = script;
  const api = await (await fetch(`${server.url}/api/applications/${application}`)).json();
  if (api.status === "running") {
    expect(must).not.toBe("unloadable");
    return false;
  }
  if (must !== "unloadable") throw new Error(`${application} can't be loaded: ${JSON.stringify(api.error)}`);
  expect([api.status, typeof api.error?.message]).toEqual(["failed", "string"]);
  if (log) expect(JSON.stringify(api.error)).toMatch(log);
  expect(await server.upgradeStatus(`/ws/${application}`)).toBe(503);
  return true;
}

/** The server's log names application, room and version of what failed. */
async function failed(server: TestServer, subject: string, script: Hostile): Promise<void> {
  const lines = await until(`a line of the log about ${subject}`, () => {
    const found = server
      .output()
      .match(new RegExp(`^[\\d:.]+ (?:WARN|ERROR) +${subject} v\\d+·[0-9a-f]+ .*(?:\\n .*)*`, "m"));
    return found?.[0];
  });
  if (script.log) expect(lines).toMatch(script.log);
}

/** The API as it was before the script spoilt what it could. */
async function probe(server: TestServer, client: TestClient, application: string): Promise<void> {
  const data = { text: "hi", list: [1, 2, { a: "b" }] };
  expect(await client.ask(room, "probe", data)).toEqual({ users: 1, me: true, data });
  expect((await client.message("probed")).data).toEqual({ text: "hi", by: "mallory" });
  expect((await client.message("told")).data).toEqual(data);
  expect((await client.message("told")).data).toEqual(data);
  expect(await client.ask(room, "asks")).toBe(7);
  expect((await client.fails({ event: "message", room, type: "boom" })).code).toBe("handler_failed");
  expect(await client.fails({ event: "message", room, type: "no" })).toEqual({
    code: "refused",
    message: "No.",
  });
  expect((await client.fails({ event: "message", room, type: "nothing" })).code).toBe("no_handler");
  await until("the line of the probe", () =>
    server.lines(`${application}/${room}`).some((line) => line.startsWith("INFO probed { a: 1 }")),
  );
}

/** Lets a storm rage for a while, then edits it away; the room must count on in the new version. */
async function edit(
  server: TestServer,
  client: TestClient,
  application: string,
  script: Hostile,
  aside: () => Promise<unknown>,
) {
  await aside();
  const before = (await status(server, application)).version;
  const [path] = Object.keys(filesOf(script)).filter((file) => file.endsWith(".ts"));
  server.write(path as string, sourceOf(script, true));
  await until("the edit to be live", async () => {
    const { version } = await status(server, application);
    const rooms = await (await fetch(`${server.url}/api/applications/${application}/rooms/${room}`)).json();
    return version !== before && rooms.version === version;
  });
  // What had been queued up is worked off, or refused, before the room is free again.
  await until("the room not to be busy", async () => {
    const reply = await client.request({ event: "message", room, type: "attack" });
    return (
      reply.ok || (reply.error.code === "busy" ? false : Promise.reject(new Error(JSON.stringify(reply))))
    );
  });
}

async function status(server: TestServer, application: string) {
  return (await fetch(`${server.url}/api/applications/${application}`)).json();
}

/** The user has been told that the room is gone, or that it is out of it; joining makes it anew or comes back. */
async function again(client: TestClient): Promise<void> {
  await client.next(
    (frame) => (frame.event === "room_remove" || frame.event === "leave") && frame.room === room,
    "the end of the room",
  );
  expect((await client.fails({ event: "message", room, type: "count" })).code).toMatch(
    /^(not_in_room|room_not_found)$/,
  );
  await client.ok({ event: "join", room });
  expect(await client.ask(room, "count")).toBeGreaterThan(0);
}

/** The room is gone, and its application takes nobody for a while; the connection stays. */
async function barred(client: TestClient): Promise<void> {
  await client.next((frame) => frame.event === "room_remove" && frame.room === room, "the end of the room");
  expect((await client.fails({ event: "join", room })).code).toBe("application_unavailable");
}

/** No request was answered twice. */
function onceEach(client: TestClient): void {
  const ids = client.frames((frame) => frame.id !== undefined).map(({ id }) => id);
  expect(ids.length).toBe(new Set(ids).size);
}
