/** What a script gets from `import … from "hotroom"`. */
export { defineApplication, defineRoom } from "./definition.js";
export { refuse } from "./refusal.js";
export { relay } from "./relay.js";
