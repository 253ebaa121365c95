import { defineRoom } from "hotroom";

export default defineRoom({ state: () => ({ n: 0 }), messages: { count: (room) => ++room.state.n } });
