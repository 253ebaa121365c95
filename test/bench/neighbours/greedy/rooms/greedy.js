import { defineRoom } from "hotroom";

/** 15 ms of CPU time or so on the machine that this was written on. */
export default defineRoom({
  messages: {
    work() {
      let x = 0;
      for (let i = 0; i < 200_000; i++) x += i % 7;
      return x;
    },
  },
});
