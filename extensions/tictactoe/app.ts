/**
 * The application around the matches. Clients may create a match of their own, with a password if they like
 * (`"rooms": "client"` in hotroom.json), or ask for any opponent with the message `play`.
 */
import { defineApplication, refuse } from "hotroom";

export default defineApplication({
  state: () => ({
    /** Matches that `play` has made so far; numbers their names. */
    made: 0,
    /** The match that each user created last, by the user's id. */
    created: {} as Record<string, string>,
  }),

  events: {
    // Before a client's room exists: refusing leaves nothing behind.
    create(app, request, user) {
      const last = app.state.created[user.id];
      if (app.rooms.some((room) => room.name === last)) refuse(`Your match "${last}" is still open.`);
      app.state.created[user.id] = request.name;
    },

    logout(app, user) {
      delete app.state.created[user.id];
    },
  },

  messages: {
    /** Names a match to join: one that `play` made and that has a free seat, or a new one. */
    play(app) {
      const waiting = app.rooms.find((room) => room.name.startsWith("game-") && room.users < 2);
      if (waiting) return { room: waiting.name };
      app.state.made += 1;
      const name = `game-${app.state.made}`;
      app.createRoom(name, { type: "match" });
      return { room: name };
    },
  },
});
