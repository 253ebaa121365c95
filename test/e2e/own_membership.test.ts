/** What becomes of an SDK client's own membership: left while it is being joined, and seen by who also watches the room. */
import { beforeAll, expect, test } from "bun:test";
import { type Client, connect, type Room } from "../../src/client/client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const hall = `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({
    events: {
      join(room, user, data) { if (data?.no) refuse("No."); },
      watch: () => ({ seats: 3 }),
    },
    messages: {
      who: (room) => room.users.map(({ name }) => name),
      kick(room, user, name) { room.kick(name); },
      move(room, user, [name, to]) { room.move(name, to); },
      close(room) { room.close("Over."); },
    },
  });`;

onEachRuntime("own memberships", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const files = { "hall/hotroom.json": `{ "rooms": "join" }`, "hall/rooms/hall.ts": hall };
    server = await startServer({ runtime, files });
  });

  let count = 0;
  async function user(options = {}): Promise<Client> {
    const client = await connect(`${server.url.replace("http", "ws")}/ws/hall`, options);
    await client.login({ name: `user ${++count}` });
    return client;
  }
  /** How the room ends that a join gives. */
  async function endOf(joining: Promise<Room>) {
    const room = await joining;
    await until("the end", () => room.ended !== undefined);
    return room.ended;
  }
  const names = (room: { users: readonly { name: string }[] }) => room.users.map(({ name }) => name);

  test("a leave while the join is in hand ends with the user out; the room that the join gives ends", async () => {
    const [ann, bob] = [await user(), await user()];
    const other = await bob.join("z");
    const both = [bob.user?.name as string, ann.user?.name as string];
    const joining = ann.join("z");
    await ann.leave("z");
    expect(await endOf(joining)).toEqual({ cause: "left" });
    expect([...ann.rooms.keys()]).toEqual([]);
    expect(await other.request("who")).toEqual([bob.user?.name]);
    // A component that is mounted, unmounted and mounted again is in.
    const first = ann.join("z");
    const left = ann.leave("z");
    const second = await ann.join("z");
    await Promise.all([first, left]);
    expect(await endOf(first)).toEqual({ cause: "left" });
    expect([second.ended, ann.rooms.get("z") === second]).toEqual([undefined, true]);
    expect(names(second)).toEqual(both);
    // Asked twice it leaves once, also before the next join.
    const twice = [second.leave(), second.leave(), ann.leave("z")];
    const third = await ann.join("z");
    await Promise.all(twice);
    expect([third.ended, await third.request("who")]).toEqual([undefined, both]);
    // What was joined once more by mistake is left, too.
    const again = ann.join("z");
    const out = ann.leave("z");
    await expect(again).rejects.toMatchObject({ code: "already_in_room" });
    await out;
    expect([third.ended?.cause, await other.request("who")]).toEqual(["left", [bob.user?.name]]);
    await Promise.all([ann.close(), bob.close()]);
  });

  test("a leave does nothing where the join is refused, and while the client is away it comes behind the join", async () => {
    const ann = await user({ reconnect: { minDelay: 0, maxDelay: 10 } });
    const joining = ann.join("z", { no: true });
    const leaving = ann.leave("z");
    await expect(joining).rejects.toMatchObject({ code: "join_refused" });
    await leaving;
    ann.simulate.drop();
    await until("it to be away", () => ann.state === "away");
    const offline = ann.join("z");
    await ann.leave("z");
    expect(await endOf(offline)).toEqual({ cause: "left" });
    expect([...ann.rooms.keys()]).toEqual([]);
    await ann.close();
  });

  test("who watches a room and is in it has itself among the users of both, for as long as it is in", async () => {
    const [ann, bob] = [await user(), await user()];
    const [self, there] = [ann.user?.name as string, bob.user?.name as string];
    const other = await bob.join("x");
    await bob.join("y");
    const watched = await ann.subscribe("x");
    const seen: string[] = [];
    watched.on("join", ({ name }) => seen.push(`+${name}`));
    watched.on("leave", ({ name }, reason) => seen.push(`-${name}${reason ?? ""}`));
    const room = await ann.join("x");
    expect([names(watched), names(room)]).toEqual([
      [there, self],
      [there, self],
    ]);
    ann.simulate.drop();
    await new Promise<void>((resolve) => ann.once("back", () => resolve()));
    expect(names(watched)).toEqual([there, self]);
    await ann.leave("x");
    expect(names(watched)).toEqual([there]);
    await ann.join("x");
    other.send("move", [self, "y"]);
    await until("the move", () => ann.rooms.has("y"));
    expect([names(watched), watched.ended]).toEqual([[there], undefined]);
    expect(seen).toEqual([`+${self}`, `-${self}`, `+${self}`, `-${self}`]);
    await ann.join("x");
    other.send("close");
    await until("the end", () => watched.ended !== undefined);
    expect(seen).toHaveLength(5);
    await Promise.all([ann.close(), bob.close()]);
  });

  test("who watches has nothing to send with", async () => {
    const ann = await user();
    await ann.join("x");
    const watched = await ann.subscribe("x");
    expect(watched.data).toEqual({ seats: 3 });
    expect(["send" in watched, "request" in watched]).toEqual([false, false]);
    await ann.close();
  });
});
