/** `crypto` as far as scripts have it: what is not to be guessed. */
import { show } from "./arguments.js";
import { freeze, isView, NativeDOMException, NativeUint8Array, TypeMistake } from "./builtins.js";
import { fillWithChance } from "./chance.js";
import { bytesOfView, lengthOfView, nameOfView } from "./views.js";

/** Most bytes of one call, as the standard has it. */
const MOST_BYTES = 65536;
const HEX = "0123456789abcdef";

/** Returns true for arrays of whole numbers. */
function isWhole(value) {
  if (!isView(value)) return false;
  const name = nameOfView(value);
  return name !== undefined && name[0] !== "F";
}

function getRandomValues(array) {
  if (!isWhole(array)) {
    throw new TypeMistake(
      "crypto.getRandomValues: give it an array of whole numbers, as new Uint8Array(16), not " + show(array),
    );
  }
  const bytes = bytesOfView(array);
  const size = lengthOfView(bytes);
  if (size > MOST_BYTES) {
    throw new NativeDOMException(
      "crypto.getRandomValues: there are at most " + MOST_BYTES + " bytes at a time, not " + size,
      "QuotaExceededError",
    );
  }
  fillWithChance("crypto.getRandomValues", bytes, size);
  return array;
}

function randomUUID() {
  const bytes = new NativeUint8Array(16);
  fillWithChance("crypto.randomUUID", bytes, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let text = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
  }
  return text;
}

/** Chance for scripts, by the names that it has in browsers. */
export const crypto = freeze({ getRandomValues, randomUUID });
