/**
 * A chat: rooms made by joining them, a history that newcomers get, private messages, a word when somebody comes or goes,
 * and moderators: whoever joins with the key in the environment variable CHAT_MODERATOR_KEY. Its page is in chat.public/.
 */
import { defineRoom, type Room, refuse, type User } from "hotroom";
import * as v from "valibot";

/** Lines and names that a room remembers. State is copied at an edit and at a restart of its process: bound what you keep. */
const HISTORY = 50;
const BANNED = 200;

interface Line {
  /** Counts the lines of the room. */
  id: number;
  from: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

interface Chat {
  said: number;
  history: Line[];
  /** Ids of the moderators who are here. */
  moderators: string[];
  /** Until when who may not speak, by name. */
  muted: Record<string, number>;
  banned: string[];
}

// Settings of a one-file application; a folder has them in hotroom.json. The server passes on what `env` names, and nothing else.
export const settings = { env: ["CHAT_MODERATOR_KEY"] };

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500));
const name = v.string();

/** Refuses, unless a moderator asks and it is about a member who is none; returns that one. */
function moderated(room: Room<Chat>, user: User, name: string): User {
  if (!room.state.moderators.includes(user.id)) refuse("Only moderators do that.");
  const member = room.user(name) ?? refuse(`There is no "${name}" in this room.`);
  if (room.state.moderators.includes(member.id)) refuse(`${member.name} is a moderator.`);
  return member;
}

export default defineRoom({
  maxUsers: 100,
  state: (): Chat => ({ said: 0, history: [], moderators: [], muted: {}, banned: [] }),
  // A room that lived before a part of the state was there gets it with this edit.
  migrate: (state): Chat => ({ said: 0, moderators: [], muted: {}, banned: [], ...state }),

  events: {
    join(room, user, data) {
      if (room.state.banned.includes(user.name)) refuse("You are banned from this room.");
      const key = room.application.env.CHAT_MODERATOR_KEY;
      if (key && data?.key === key) room.state.moderators.push(user.id);
      // The newcomer can be sent to already.
      room.send(user, "history", room.state.history);
      room.broadcast("notice", { text: `${user.name} came in.` }, { except: user });
    },
    // Who only watches is sent what all are sent; this is where it begins.
    watch: (room) => room.state.history,
    // The connection is lost, and may come back for a while; whoever left with a word is told of by leave() alone.
    disconnect: (room, user) => room.broadcast("presence", { name: user.name, away: true }),
    reconnect: (room, user) => room.broadcast("presence", { name: user.name, away: false }),
    leave(room, user, reason) {
      room.state.moderators = room.state.moderators.filter((id) => id !== user.id);
      room.broadcast("notice", { text: reason ? `${user.name} left: ${reason}` : `${user.name} left.` });
    },
  },

  messages: {
    // With a schema the data is checked before the handler runs; the client gets `invalid_data` and the path.
    say: {
      schema: v.object({ text }),
      handle(room, user, { text }) {
        // In a message handler refuse() answers this one request with an error; nothing else happens.
        if ((room.state.muted[user.name] ?? 0) > Date.now()) refuse("You are muted for a while.");
        const line: Line = { id: ++room.state.said, from: user.name, text, at: Date.now() };
        room.state.history = [...room.state.history, line].slice(-HISTORY);
        // Edit this line and watch: with { ...line, text: text.toUpperCase() } the next words are loud.
        room.broadcast("said", line);
      },
    },
    whisper: {
      schema: v.object({ to: name, text }),
      handle(room, user, { to, text }) {
        const listener = room.user(to) ?? refuse(`There is no "${to}" in this room.`);
        room.send(listener, "whispered", { from: user.name, text });
        return { to: listener.name };
      },
    },
    history: (room) => room.state.history,
    names: (room) => room.users.map((user) => user.name),
    away: (room) => room.users.filter((user) => !user.connected).map((user) => user.name),

    mute: {
      schema: v.object({ name, seconds: v.pipe(v.number(), v.minValue(1), v.maxValue(3600)) }),
      handle(room, user, { name, seconds }) {
        const until = Date.now() + seconds * 1000;
        const others = Object.entries(room.state.muted).filter(([, until]) => until > Date.now());
        room.state.muted = Object.fromEntries([...others, [moderated(room, user, name).name, until]]);
        room.broadcast("notice", { text: `${name} is muted for ${seconds} s.` });
      },
    },
    ban: {
      schema: v.object({ name, reason: v.optional(v.pipe(v.string(), v.maxLength(100)), "banned") }),
      handle(room, user, { name, reason }) {
        room.kick(moderated(room, user, name), reason);
        room.state.banned = [...room.state.banned, name].slice(-BANNED);
      },
    },
    remove: {
      schema: v.object({ id: v.number() }),
      handle(room, user, { id }) {
        if (!room.state.moderators.includes(user.id)) refuse("Only moderators do that.");
        room.state.history = room.state.history.filter((line) => line.id !== id);
        room.broadcast("removed", { id });
      },
    },
  },
});
