/** Chance as the script's seed and the number of its event give it: not to be guessed, and the same in a replay. */
import {
  defineHidden,
  floor,
  min,
  NativeError,
  NativeUint32Array,
  NativeUint8Array,
  slice,
  toText,
} from "./builtins.js";
import { script, seq, turn } from "./event.js";
import { setBytes } from "./views.js";
import { CHANCE_WORD_PART, CHANCE_WORD_SEED, CHANCE_WORD_SEQ_HIGH, CHANCE_WORD_SEQ_LOW } from "./wire.js";

/** What host and guest share, as `chance.ts` lays it out: the first words are chance. */
let words;
let buffer;
/** Has the host write the next part. */
let fill;
/** The script and the event that the words are for. */
let madeFor;
let madeIn = -1;
/** The next word, and how many parts the event has used. */
let at = CHANCE_WORD_SEED;
let parts = 0;

/** Has the host write the next words of the running event. */
function nextPart() {
  if (madeFor !== script || madeIn !== turn) {
    madeFor = script;
    madeIn = turn;
    parts = 0;
  }
  const seed = script === null ? "" : toText(script.seed);
  // What is not of the seed's 32 digits counts as zeros.
  for (let i = 0; i < 4; i++) words[CHANCE_WORD_SEED + i] = +("0x" + slice(seed, 8 * i, 8 * i + 8));
  const number = seq();
  words[CHANCE_WORD_SEQ_HIGH] = floor(number / 0x100000000);
  words[CHANCE_WORD_SEQ_LOW] = number;
  words[CHANCE_WORD_PART] = parts;
  fill();
  parts++;
  at = 0;
}

function random() {
  if (at + 2 > CHANCE_WORD_SEED || madeIn !== turn || madeFor !== script) nextPart();
  const high = words[at];
  const low = words[at + 1];
  at += 2;
  // 53 bits, as every engine gives.
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

/**
 * Fills a Uint8Array. Throws Error where no event runs: what was made while a file is loaded would be the same in each sandbox, for
 * anybody to know.
 */
export function fillWithChance(what, bytes, count) {
  if (script === null) {
    throw new NativeError(
      what + ": there is chance in handlers, in state and in migrate, not while a file is loaded",
    );
  }
  for (let done = 0; done < count; ) {
    if (at >= CHANCE_WORD_SEED || madeIn !== turn || madeFor !== script) nextPart();
    const size = min(count - done, 4 * (CHANCE_WORD_SEED - at));
    setBytes(bytes, new NativeUint8Array(buffer, 4 * at, size), done);
    done += size;
    at += (size + 3) >>> 2;
  }
}

/** Puts chance that can be replayed in the place of the engine's; `shared` is what `makeChance` writes into. */
export function installChance(shared, makeChance) {
  buffer = shared;
  words = new NativeUint32Array(shared);
  fill = makeChance;
  defineHidden(Math, "random", random);
}
