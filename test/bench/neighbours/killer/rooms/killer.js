import { defineRoom } from "hotroom";

export default defineRoom({
  messages: { hang: () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) },
});
