/** A room that computes twenty times a second and tells nobody. */
import { defineRoom } from "hotroom";

export default defineRoom({
  tickRate: 20,
  state: () => ({ ticks: 0, x: 0, y: 0, dx: 3, dy: 2 }),
  tick(room) {
    const { state } = room;
    state.ticks++;
    state.x += state.dx;
    state.y += state.dy;
    if (state.x < 0 || state.x > 800) state.dx = -state.dx;
    if (state.y < 0 || state.y > 600) state.dy = -state.dy;
  },
  messages: { ticks: (room) => room.state.ticks },
});
