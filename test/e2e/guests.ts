/** Users of real servers who lose their connections and come back; what the suites of sessions share. */
import type { Frame, TestClient } from "./client.ts";
import type { TestServer } from "./harness.ts";

/** A room that says on the log what it hears, and an application whose logins may replace. */
const room = `
  import { defineRoom } from "hotroom";
  const say = (...heard: unknown[]) => console.log("heard", JSON.stringify(heard));
  export default defineRoom({
    state: () => ({ taken: [] as string[] }),
    events: {
      join(room, user, data) { if (data?.slow) for (let n = 0; n < 3e6; n++); },
      disconnect(room, user) { say("disconnect", user.name, user.connected); },
      reconnect(room, user) { say("reconnect", user.name, user.connected); },
      leave(room, user, reason) { say("leave", user.name, user.connected, reason); },
    },
    messages: {
      say(room, user, text: string) { room.broadcast("said", text); return text; },
      others(room, user, text: string) { room.broadcast("said", text, { except: user }); },
      whisper(room, user, { to, text }) { room.send(to, "whispered", text); },
      who: (room) => room.users.map((user) => [user.name, user.connected]),
      take(room, user, text: string) { room.state.taken.push(text); return room.state.taken.length; },
      taken: (room) => room.state.taken,
      fill(room, user, { count, length }) {
        for (let n = 0; n < count; n++) room.broadcast("filled", String(n).padEnd(length, "."));
      },
    },
  });`;
/** Applications with different settings of sessions. */
export const files = {
  "back.ts": room,
  "short/hotroom.json": `{ "rooms": "join", "session": { "grace": 300 } }`,
  "short/rooms/hall.ts": room,
  "short/app.ts": `
    import { defineApplication } from "hotroom";
    const say = (...heard: unknown[]) => console.log("heard", JSON.stringify(heard));
    export default defineApplication({
      events: {
        disconnect(app, connection, user) { say("app disconnect", connection.id, user?.name, user?.connected); },
        reconnect(app, connection, user) { say("app reconnect", connection.id, user.name, user.connected); },
        logout(app, user) { say("app logout", user.name, user.connected); },
      },
      messages: { who: (app) => app.users.map((user) => [user.name, user.connected]) },
    });`,
  "long/hotroom.json": `{ "rooms": "join", "subscribe": true, "limits": { "cpuPerEvent": 1000 } }`,
  "long/rooms/hall.ts": room,
  "long/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      events: { login: (app, { data }) => ({ name: data.name, replace: data.replace }) },
      messages: {
        rooms: (app, user) => app.user(user.id).rooms,
        all(app, user, text: string) { app.broadcast("all", text); },
        kick(app, user, name: string) { app.kick(name, "Out."); },
      },
    });`,
  "tight/hotroom.json": `{ "rooms": "join", "session": { "history": 20, "historyBytes": 16384 } }`,
  "tight/rooms/hall.ts": room,
  "off/hotroom.json": `{ "rooms": "join", "session": { "grace": 0 } }`,
  "off/rooms/hall.ts": room,
};

/** A client whose user may come back. */
export interface Guest {
  readonly client: TestClient;
  readonly name: string;
  readonly session: string;
}

let names = 0;

/** A room's name that no other test has. */
export const roomName = () => `room ${++names}`;

/** The number of the last frame that a client has got. */
export const seenBy = (client: TestClient) => Math.max(0, ...client.frames().map(({ seq }) => seq ?? 0));

/** Whether a frame tells that somebody's connection is gone. */
export const isAway = (name: string) => (frame: Frame) =>
  frame.event === "disconnect" && frame.user.name === name;

/** Has a room say something to all. */
export const say = (client: TestClient, room: string, text: string) => client.ask(room, "say", text);

/** A user of a new name, in a room where one is named. */
export async function guest(
  server: TestServer,
  application: string,
  room?: string,
  name = `guest ${++names}`,
) {
  const client = await server.connect(application);
  const { session } = await client.ok({ event: "login", data: { name } });
  if (room !== undefined) await client.ok({ event: "join", room });
  return { client, name, session } as Guest;
}

/** A new connection that has come back, with the data of the reply. */
export async function back(server: TestServer, application: string, session: string, seen?: number) {
  const client = await server.connect(application);
  client.idPrefix = `again ${++names} `;
  const data = await client.ok({ event: "reconnect", data: { session, seen } });
  return { client, data };
}
