/**
 * A chat: rooms made by joining them, a history that newcomers get, private messages, and a word when
 * somebody comes or goes.
 */
import { defineRoom, refuse } from "hotroom";
import * as v from "valibot";

/** Lines that a room remembers. State is copied at an edit and at a restart of its process: bound what you keep. */
const HISTORY = 50;

interface Line {
  from: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500));

export default defineRoom({
  maxUsers: 100,
  state: () => ({ history: [] as Line[] }),

  events: {
    join(room, user) {
      // The newcomer can be sent to already; a refuse("…") here would keep it out.
      room.send(user, "history", room.state.history);
      room.broadcast("notice", { text: `${user.name} came in.` }, { except: user });
    },
    // Who only watches is sent what all are sent; this is where it begins.
    watch: (room) => room.state.history,
    // The connection is lost, and may come back for a while; whoever left with a word is told of by leave() alone.
    disconnect(room, user) {
      room.broadcast("presence", { name: user.name, away: true });
    },
    reconnect(room, user) {
      room.broadcast("presence", { name: user.name, away: false });
    },
    leave(room, user, reason) {
      room.broadcast("notice", { text: reason ? `${user.name} left: ${reason}` : `${user.name} left.` });
    },
  },

  messages: {
    // With a schema the data is checked before the handler runs; the client gets `invalid_data` and the path.
    say: {
      schema: v.object({ text }),
      handle(room, user, { text }) {
        const line: Line = { from: user.name, text, at: Date.now() };
        room.state.history = [...room.state.history, line].slice(-HISTORY);
        room.broadcast("said", line);
      },
    },

    whisper: {
      schema: v.object({ to: v.string(), text }),
      handle(room, user, { to, text }) {
        const listener = room.user(to);
        // In a message handler refuse() answers this one request with an error; nothing else happens.
        if (!listener) refuse(`There is no "${to}" in this room.`);
        room.send(listener, "whispered", { from: user.name, text });
        return { to: listener.name };
      },
    },

    names: (room) => room.users.map((user) => user.name),
    away: (room) => room.users.filter((user) => !user.connected).map((user) => user.name),
  },
});
