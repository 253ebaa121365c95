import { clientFrame } from "./frames.ts";
import { Member } from "./member.ts";
import type { Plan } from "./plan.ts";

/** How one server's wire is spoken: enough to enter a room, talk in it and tell what was said. */
export interface Dialect {
  /** Connects a user and makes it a member of a room; resolves once the server has said so. */
  enter(port: number, room: string, user: string): Promise<Member>;
  /** The frame that says `text` in the room. */
  say(room: string, text: string): Uint8Array;
  /** Bytes between the end of the text and the end of the frame that delivers it. */
  readonly tail: number;
  /** The same of the frame that says it. */
  readonly sentTail: number;
}

/** Bytes of the text in each message. */
export const TEXT = 64;

/** hotroom.v1 (docs/PROTOCOL.md), which the bare servers speak too, so that they do the same work on the wire. */
export const hotroom: Dialect & {
  login(port: number, user: string, application?: string): Promise<Member>;
  join(member: Member, room: string): Promise<void>;
} = {
  tail: 3,
  sentTail: 3,
  async login(port, user, application = "talk") {
    const member = await Member.connect(port, `/ws/${application}`);
    member.send(clientFrame(JSON.stringify({ event: "login", id: "login", data: { name: user } })));
    await reply(member, "login");
    return member;
  },
  async join(member, room) {
    member.send(clientFrame(JSON.stringify({ event: "join", id: "join", room })));
    await reply(member, "join");
  },
  async enter(port, room, user) {
    const member = await this.login(port, user);
    await this.join(member, room);
    return member;
  },
  say: (room, text) => clientFrame(JSON.stringify({ event: "message", room, type: "say", data: { text } })),
};

/** Socket.IO 4 over engine.io 4, WebSocket only. */
export const socketIo: Dialect = {
  tail: 3,
  sentTail: 3,
  async enter(port, room) {
    const member = await Member.connect(port, "/socket.io/?EIO=4&transport=websocket");
    await expected(member, "0");
    member.send(clientFrame("40"));
    await expected(member, "40");
    member.send(clientFrame(`420${JSON.stringify(["join", room])}`));
    await expected(member, "430");
    return member;
  },
  say: (_, text) => clientFrame(`42${JSON.stringify(["say", { text }])}`),
};

/** Colyseus 0.18: a seat by HTTP, then its binary frames (codes of @colyseus/shared-types). */
export const colyseus: Dialect = {
  tail: 0,
  sentTail: 0,
  async enter(port, room) {
    const response = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/talk`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ room }),
    });
    const seat = (await response.json()) as { processId: string; roomId: string; sessionId: string };
    if (!response.ok) throw new Error(`Cannot get a seat: ${JSON.stringify(seat)}`);
    const member = await Member.connect(
      port,
      `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`,
    );
    const first = await member.nextBytes();
    if (first[0] !== 10) throw new Error(`Cannot join: the first frame has code ${first[0]}.`);
    member.send(clientFrame(Uint8Array.of(10)));
    return member;
  },
  say(_, text) {
    const head = [13, 0xa3, ...Buffer.from("say"), 0x81, 0xa4, ...Buffer.from("text"), 0xd9, text.length];
    return clientFrame(Buffer.concat([Uint8Array.from(head), Buffer.from(text)]));
  },
};

/** hotroom.v1 in an application whose rooms pass on what is said. */
export const relay: Dialect = {
  tail: 4,
  sentTail: hotroom.sentTail,
  say: hotroom.say,
  async enter(port, room, user) {
    const member = await hotroom.login(port, user, "relay");
    await hotroom.join(member, room);
    return member;
  },
};

/** All wires, by the key that a plan names. */
export const dialects: Readonly<Record<Plan["dialect"], Dialect>> = { hotroom, relay, socketIo, colyseus };

/** Reads until the reply with this id; throws where it is an error. */
async function reply(member: Member, id: string): Promise<void> {
  for (;;) {
    const frame = JSON.parse(await member.next()) as {
      id?: string;
      ok?: boolean;
      error?: { message: string };
    };
    if (frame.id !== id) continue;
    if (!frame.ok) throw new Error(frame.error?.message ?? "The server refused.");
    return;
  }
}

async function expected(member: Member, start: string): Promise<void> {
  const frame = await member.next();
  if (!frame.startsWith(start)) throw new Error(`Cannot enter: expected "${start}", got "${frame}".`);
}
