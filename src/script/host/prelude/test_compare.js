/** How `expect` compares: by what values hold, as JSON and the language's own containers do. */

/** Levels that are compared; what is nested deeper counts as different. */
const MAX_DEPTH = 100;

/**
 * Returns the first difference, `{ path, expected, received }` with a path such as `.users[0].name`, "" for the values themselves;
 * undefined where they are equal. With `isPart` objects may have more than what is expected of them.
 */
export function differenceOf(received, expected, isPart, path = "", depth = 0) {
  if (Object.is(received, expected)) return undefined;
  const difference = { path, expected, received };
  if (typeof received !== "object" || typeof expected !== "object") return difference;
  if (received === null || expected === null || depth > MAX_DEPTH) return difference;
  if (expected instanceof Date)
    return received instanceof Date && +received === +expected ? undefined : difference;
  if (expected instanceof RegExp) return String(received) === String(expected) ? undefined : difference;
  if (expected instanceof Set || expected instanceof Map) {
    if (received.constructor !== expected.constructor) return difference;
    return differenceOf([...received], [...expected], isPart, path, depth + 1);
  }
  if (expected instanceof ArrayBuffer || expected instanceof DataView) {
    if (received.constructor !== expected.constructor) return difference;
    return differenceOf(bytesIn(received), bytesIn(expected), isPart, path, depth + 1);
  }
  if (isList(received) !== isList(expected)) return difference;
  if (isList(expected)) {
    if (received.length !== expected.length) return difference;
    for (let i = 0; i < expected.length; i++) {
      const found = differenceOf(received[i], expected[i], isPart, `${path}[${i}]`, depth + 1);
      if (found) return found;
    }
    return undefined;
  }
  // What is undefined is not there, as in JSON.
  const keysOf = (value) => Object.keys(value).filter((key) => value[key] !== undefined);
  const keys = keysOf(expected);
  if (expected instanceof Error) keys.push("message");
  for (const key of isPart ? Object.keys(expected) : [...keys, ...keysOf(received)]) {
    const found = differenceOf(received[key], expected[key], isPart, path + step(key), depth + 1);
    if (found) return found;
  }
  return undefined;
}

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);

const bytesIn = (value) =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);

/** Returns how a key is written behind what has it. */
function step(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
