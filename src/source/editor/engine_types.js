/**
 * What editors are told that the script engine has besides the language, and what it does not have. In JavaScript, because the type
 * checker follows no imports from there: in the server's own project it would believe what it reads.
 */
import engine from "./types/engine.d.ts" with { type: "text" };

/** Text of `engine.d.ts`. */
export const engineTypes = engine;
