/** `cron` of a definition: patterns of five fields, read into the numbers that they stand for. */
import { show } from "./arguments.js";
import {
  charCodeAt,
  dictionary,
  indexOf,
  isArray,
  join,
  keys,
  list,
  slice,
  stringify,
  toLowerCase,
  TypeMistake,
} from "./builtins.js";
import { MAX_CRON_ENTRIES } from "./wire.js";

const MAX_PATTERN_UNITS = 100;
const months = " jan feb mar apr may jun jul aug sep oct nov dec";
const weekdays = " sun mon tue wed thu fri sat";
/** The fields in their order; names count from the first of the words, four characters each. */
const fields = list();
fields[0] = { __proto__: null, name: "minute", least: 0, most: 59 };
fields[1] = { __proto__: null, name: "hour", least: 0, most: 23 };
fields[2] = { __proto__: null, name: "day", least: 1, most: 31 };
fields[3] = { __proto__: null, name: "month", least: 1, most: 12, words: months };
// Sunday is 0, and 7 as well.
fields[4] = { __proto__: null, name: "weekday", least: 0, most: 7, words: weekdays };
/** The days that a month has at most. */
const longest = list();
for (let month = 1; month <= 12; month++)
  longest[month] = month === 2 ? 29 : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;

/**
 * Returns what the server learns of `cron`: JSON text of a list of `CronEntry`, undefined where there is none. Throws TypeError where a
 * pattern can't be read, never falls due, or names no timer.
 */
export function cronText(what, given, timers) {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null || isArray(given))
    throw new TypeMistake(what + ": cron must be an object, not " + show(given));
  const patterns = keys(given);
  if (patterns.length > MAX_CRON_ENTRIES)
    throw new TypeMistake(what + ": cron may have " + MAX_CRON_ENTRIES + " entries, not " + patterns.length);
  const texts = list();
  for (let i = 0; i < patterns.length; i++) {
    const pattern = patterns[i];
    const name = given[pattern];
    const place = what + ": cron " + show(pattern);
    if (typeof name !== "string" || timers[name] === undefined)
      throw new TypeMistake(
        place + ": there is no timers." + (typeof name === "string" ? name : show(name)) + " to run",
      );
    texts[i] = '{"timer":' + stringify(name) + "," + timesText(place, pattern) + "}";
  }
  return texts.length === 0 ? undefined : "[" + join(texts, ",") + "]";
}

/** Returns the numbers of a pattern as the rest of a JSON object. */
function timesText(place, pattern) {
  if (pattern.length > MAX_PATTERN_UNITS)
    throw new TypeMistake(place + ": it has more than " + MAX_PATTERN_UNITS + " characters");
  const words = split(pattern, " ");
  if (words.length !== fields.length) {
    throw new TypeMistake(
      place + ": there must be 5 fields, minute, hour, day, month and weekday, not " + words.length,
    );
  }
  const sets = list();
  for (let i = 0; i < fields.length; i++) sets[i] = numbersOf(place, fields[i], words[i]);
  checkDays(place, sets[2], sets[3], words[4]);
  // Where both are given one of them is enough, as cron has it.
  const isEither = words[2][0] !== "*" && words[4][0] !== "*";
  let text = '"isEither":' + isEither;
  for (let i = 0; i < fields.length; i++) text += ',"' + fields[i].name + 's":' + listed(sets[i], fields[i]);
  return text;
}

/** Throws TypeError where no month that counts has a day that counts. */
function checkDays(place, days, monthsSet, weekday) {
  // A weekday comes in any month.
  if (weekday[0] !== "*") return;
  for (let month = 1; month <= 12; month++) {
    if (monthsSet[month] !== true) continue;
    for (let day = 1; day <= longest[month]; day++) if (days[day] === true) return;
  }
  throw new TypeMistake(place + ": there is no such day");
}

/** Returns the parts of a text between separators; white space counts as one, however much there is. */
function split(text, separator) {
  const parts = list();
  let part = "";
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text[i] : separator;
    if (unit !== separator && !(separator === " " && unit === "\t")) part += unit;
    else {
      if (separator !== " " || part !== "") parts[parts.length] = part;
      part = "";
    }
  }
  return parts;
}

/** Returns the numbers of a field as a dictionary. */
function numbersOf(place, field, word) {
  const set = dictionary();
  const items = split(word, ",");
  for (let i = 0; i < items.length; i++) {
    const parts = split(items[i], "/");
    if (parts.length > 2) throw mistake(place, field, word);
    const range = parts[0];
    const step = parts[1];
    const by = step === undefined ? 1 : numberOf(place, field, step, word, 1, field.most);
    let from = field.least;
    let to = field.most;
    if (range !== "*") {
      const ends = split(range, "-");
      if (ends.length > 2) throw mistake(place, field, word);
      from = numberOf(place, field, ends[0], word, field.least, field.most);
      // A number with a step begins there.
      to =
        ends.length === 2
          ? numberOf(place, field, ends[1], word, field.least, field.most)
          : step === undefined
            ? from
            : field.most;
      // From Saturday to Sunday.
      if (field.name === "weekday" && ends.length === 2 && to === 0) to = 7;
      if (from > to) throw mistake(place, field, word);
    }
    for (let n = from; n <= to; n += by) set[n] = true;
  }
  if (field.name === "weekday" && set[7] === true) set[0] = true;
  return set;
}

/** Returns a number of a field, which may be given by its name. */
function numberOf(place, field, text, word, least, most) {
  if (field.words !== undefined && text.length === 3) {
    const at = indexOf(field.words, " " + toLowerCase(text));
    if (at >= 0) return at / 4 + field.least;
  }
  let number = text.length === 0 || text.length > 2 ? -1 : 0;
  for (let i = 0; i < text.length && number >= 0; i++) {
    const digit = charCodeAt(text, i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : -1;
  }
  if (number < least || number > most) throw mistake(place, field, word);
  return number;
}

function mistake(place, field, word) {
  const named = field.words === undefined ? "" : ", or names as" + slice(field.words, 0, 8);
  return new TypeMistake(
    place +
      ": " +
      show(word) +
      " is no " +
      field.name +
      ": numbers from " +
      field.least +
      " to " +
      field.most +
      named +
      ", with - , and /, or *",
  );
}

/** Returns the numbers of a set as a JSON list, in their order. */
function listed(set, field) {
  const numbers = list();
  const most = field.name === "weekday" ? 6 : field.most;
  for (let n = field.least; n <= most; n++) if (set[n] === true) numbers[numbers.length] = n;
  return "[" + join(numbers, ",") + "]";
}
