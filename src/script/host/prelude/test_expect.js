/** `expect` of `hotroom/test`. */
import { inspect } from "./inspect.js";
import { differenceOf } from "./test_compare.js";

/** UTF-16 units, about, of a value that is shown. */
const LONGEST_VALUE = 600;

/** Promises of expectations that were made and have not come to anything, so that a test that forgets an `await` fails. */
let pending = [];

/** Resolves when all expectations have come to something. Rejects with the first that was not met. */
export async function expectationsEnd() {
  const all = pending;
  pending = [];
  await Promise.all(all);
}

class ExpectationError extends Error {
  name = "";
}

/** Shows a value. */
const shown = (value) => (typeof value === "string" ? JSON.stringify(value) : inspect(value, LONGEST_VALUE));

/** Throws unless `isMet` is what is wanted. */
function judge(call, isNot, isMet, lines) {
  if (isMet !== isNot) return;
  throw new ExpectationError([`expect(received)${isNot ? ".not" : ""}.${call}`, ...lines].join("\n"));
}

const both = (expected, received) => [`  expected: ${shown(expected)}`, `  received: ${shown(received)}`];

/** Compares, and says where the first difference is. */
function compare(call, received, expected, isNot, isPart) {
  const difference = differenceOf(received, expected, isPart);
  const where = difference?.path ? [`  at ${difference.path}:`] : [];
  const values = difference?.path ? both(difference.expected, difference.received) : [];
  const whole = isNot ? [`  received: ${shown(received)}`] : both(expected, received);
  judge(call, isNot, difference === undefined, [...whole, ...where, ...values.map((line) => `  ${line}`)]);
}

const matchers = {
  toBe(received, isNot, expected) {
    judge("toBe(expected)", isNot, Object.is(received, expected), both(expected, received));
  },

  toEqual(received, isNot, expected) {
    compare("toEqual(expected)", received, expected, isNot, false);
  },

  toMatchObject(received, isNot, expected) {
    compare("toMatchObject(expected)", received, expected, isNot, true);
  },

  toContain(received, isNot, expected) {
    const isText = typeof received === "string";
    if (!isText && typeof received?.[Symbol.iterator] !== "function")
      throw new ExpectationError(
        `expect(received).toContain(expected)\n  received is neither a text nor a list: ${shown(received)}`,
      );
    const contains = isText ? received.includes(expected) : [...received].includes(expected);
    judge("toContain(expected)", isNot, contains, both(expected, received));
  },

  toThrow(received, isNot, expected) {
    const call = expected === undefined ? "toThrow()" : "toThrow(expected)";
    const judgeThrown = (hasThrown, error) => {
      const isMet = hasThrown && isAsExpected(error, expected);
      const wanted = expected === undefined ? [] : [`  expected: ${shown(expected)}`];
      judge(call, isNot, isMet, [
        ...wanted,
        hasThrown ? `  thrown: ${shown(error)}` : "  nothing was thrown",
      ]);
    };
    // What a promise comes to shows later, and is told of the place that asks.
    const place = new ExpectationError();
    const judgeLater = (promise) => {
      const judged = promise
        .then(
          () => judgeThrown(false),
          (error) => judgeThrown(true, error),
        )
        .catch((error) => {
          place.message = error.message;
          throw place;
        });
      pending.push(judged);
      judged.catch(() => {});
      return judged;
    };
    if (typeof received?.then === "function") return judgeLater(received);
    if (typeof received !== "function")
      throw new ExpectationError(
        `expect(received).${call}\n  received is neither a function nor a promise: ${shown(received)}`,
      );
    let result;
    try {
      result = received();
    } catch (error) {
      return judgeThrown(true, error);
    }
    if (typeof result?.then === "function") return judgeLater(result);
    return judgeThrown(false);
  },
};

/** Returns true if an error is as it should be: it has a text or a code, fits a pattern, is of a class, or has what an object has. */
function isAsExpected(error, expected) {
  if (expected === undefined) return true;
  const message = String(error?.message ?? error);
  if (typeof expected === "string") return message.includes(expected) || error?.code === expected;
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === "function") return error instanceof expected;
  return differenceOf(error, expected, true) === undefined;
}

const names = Object.keys(matchers);

/** Returns what can be expected of a value. */
function expecting(received, isNot) {
  const made = {};
  for (const name of names) made[name] = (expected) => matchers[name](received, isNot, expected);
  if (!isNot) Object.defineProperty(made, "not", { get: () => expecting(received, true) });
  return new Proxy(made, {
    get(target, name) {
      if (name in target || typeof name === "symbol" || name === "then") return target[name];
      throw new TypeError(`expect has no "${name}": it has ${names.join(", ")}, and not.`);
    },
  });
}

/** Returns what can be expected of a value. */
export function expect(received) {
  return expecting(received, false);
}
