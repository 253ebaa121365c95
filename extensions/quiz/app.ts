/**
 * The leaderboard behind all quizzes. It is `app.state` of a durable application and nothing else: no database, and yet the scores
 * outlive an edit, an upgrade of the server, and `kill -9`.
 */
import { defineApplication } from "hotroom";
import { type Score, withPoints } from "./lib/leaderboard.ts";

/** How many clients are told of. */
const SHOWN = 10;

export default defineApplication({
  durable: true,

  /** Who has how many points, the most first. */
  state: () => ({ scores: [] as Score[] }),

  emits: {
    // What a durable room emits arrives once, whenever the server is killed: nobody gets the same points twice.
    scored(app, gained: Score[]) {
      for (const { name, points } of gained) app.state.scores = withPoints(app.state.scores, name, points);
      app.broadcast("leaderboard", app.state.scores.slice(0, SHOWN));
    },
  },

  messages: {
    leaderboard: (app) => app.state.scores.slice(0, SHOWN),
    /** The place and points of who asks; null for who has none. */
    mine(app, user) {
      const place = app.state.scores.findIndex(({ name }) => name === user.name);
      return place < 0 ? null : { place: place + 1, ...app.state.scores[place] };
    },
  },
});
