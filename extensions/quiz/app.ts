/**
 * The leaderboard behind all quizzes. It is `app.state` of a durable application and nothing else: no database, and yet the scores
 * outlive an edit, an upgrade of the server, and `kill -9`.
 */
import { defineApplication } from "hotroom";

/** Places that are kept, since strangers make the list longer; and how many clients are told of. */
const [PLACES, SHOWN] = [1000, 10];

export default defineApplication({
  durable: true,
  /** Who has how many points, the most first. */
  state: () => ({ scores: [] as [name: string, points: number][] }),
  emits: {
    // What a durable room emits arrives once, whenever the server is killed: nobody gets the same points twice.
    scored(app, gained: { name: string; points: number }[]) {
      const scores = new Map(app.state.scores);
      for (const { name, points } of gained) scores.set(name, (scores.get(name) ?? 0) + points);
      // Who came to as many points first stays in front: a sort keeps the order of equals.
      app.state.scores = [...scores].sort(([, a], [, b]) => b - a).slice(0, PLACES);
      app.broadcast("leaderboard", app.state.scores.slice(0, SHOWN));
    },
  },
  messages: { leaderboard: (app) => app.state.scores.slice(0, SHOWN) },
});
