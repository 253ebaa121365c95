/** Many rooms of one application, each with a state of its own that tells whose it is and how often it was looked at. */
import type { Frame, TestClient } from "../e2e/client.ts";
import type { TestServer } from "../e2e/harness.ts";

/** Rooms that one user is in. */
const ROOMS_PER_USER = 50;

/** The room type; `units` is the size of each state in characters. */
export const filledRoom = (units: number) => `import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ name: "", count: 0, text: "" }),
  messages: {
    fill(room, _, name: string) {
      room.state = { name, count: 1, text: name.padEnd(${units}, "x") };
    },
    look(room) {
      room.state.count++;
      return [room.state.name, room.state.count, room.state.text.length];
    },
    bomb(room) {
      room.state.count = 1000;
      const parts: string[] = [];
      for (;;) parts.push("y".repeat(1e6) + parts.length);
    },
  },
});
`;

/** The rooms, and users who are in them. */
export class FilledRooms {
  readonly #users: TestClient[] = [];
  #looks = 1;

  private constructor(
    private readonly count: number,
    private readonly units: number,
  ) {}

  /** Makes `count` rooms of an application and fills them. */
  static async of(
    server: TestServer,
    application: string,
    count: number,
    units: number,
  ): Promise<FilledRooms> {
    const rooms = new FilledRooms(count, units);
    for (let user = 0; user * ROOMS_PER_USER < count; user++) {
      rooms.#users.push(await server.user(application, `user ${user}`));
    }
    await rooms.#each((client, room) => client.ok({ event: "join", room }));
    await rooms.#each((client, room) => client.ask(room, "fill", room));
    return rooms;
  }

  /** Returns what any of them answers that is not its own state, after so many looks; nothing if all is well. */
  async wrongs(): Promise<unknown[]> {
    this.#looks++;
    const answers = await this.#each((client, room) =>
      client.request({ event: "message", room, type: "look" }),
    );
    const expected = (room: number) => JSON.stringify([nameOf(room), this.#looks, this.units]);
    const isWrong = ({ ok, data }: Frame, room: number) => !ok || JSON.stringify(data) !== expected(room);
    return answers.filter(isWrong).slice(0, 5);
  }

  /** The client that is in a room. */
  clientOf(room: number): TestClient {
    return this.#users[Math.floor(room / ROOMS_PER_USER)] as TestClient;
  }

  /** Asks about the rooms of one user after the other, those of one all at once. */
  async #each<T>(ask: (client: TestClient, room: string) => Promise<T>): Promise<T[]> {
    const answers: T[] = [];
    for (const [user, client] of this.#users.entries()) {
      const first = user * ROOMS_PER_USER;
      const rooms = Array.from({ length: Math.min(ROOMS_PER_USER, this.count - first) }, (_, n) => first + n);
      answers.push(...(await Promise.all(rooms.map((room) => ask(client, nameOf(room))))));
    }
    return answers;
  }
}

/** The name of a room by its number. */
export function nameOf(room: number): string {
  return `room ${room}`;
}
