/** Rooms that tell which version handled what, and the API of versions. */
import type { Frame, TestClient } from "./client.ts";
import type { TestServer } from "./harness.ts";

/** A room that keeps what it heard; `add` is what a hit counts, `more` goes into the definition. */
export const room = (add: number | string, more = "", messages = "") => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ hits: 0, seen: [] as number[] }),
    messages: {
      hit(room, user, n: number) {
        room.state.hits += ${add};
        room.state.seen.push(n);
        room.broadcast("hit", { n, version: room.version });
        return room.version;
      },
      state: (room) => room.state,
      ${messages}
    },
    ${more}
  });`;
export const throws = (what = "boom") => room(`(() => { throw new Error("${what}"); })()`);

export interface Api {
  get(path: string): Promise<Frame>;
  send(method: string, path: string, body: unknown): Promise<{ status: number; body: Frame }>;
}

export const apiOf = (server: TestServer): Api => ({
  get: async (path) => (await fetch(`${server.url}/api/applications/${path}`)).json(),
  async send(method, path, body) {
    const headers = { "content-type": "application/json" };
    const url = `${server.url}/api/applications/${path}`;
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  },
});

/** Rooms of an application, each with one member. */
export async function rooms(server: TestServer, application: string, count: number): Promise<TestClient[]> {
  return Promise.all(
    Array.from({ length: count }, (_, n) => server.user(application, `user ${n}`, `room ${n}`)),
  );
}
