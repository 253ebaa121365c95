/** What a form for a message can be made of: the fields of a schema of valibot that is an object of plain values. */
import { hasOwn, isArray, keys, stringify, toText } from "./builtins.js";

/** Bounds; the server holds the same. */
const MAX_FIELDS = 24;
const MAX_CHOICES = 32;
const MAX_LENGTH = 64;

/** What fields are called whose type has this name. */
const plain = { __proto__: null, string: "text", number: "number", boolean: "flag" };
const objects = { __proto__: null, object: true, strict_object: true, loose_object: true };
const wrappers = {
  __proto__: null,
  optional: true,
  exact_optional: true,
  nullish: true,
  undefinedable: true,
};
const choices = { __proto__: null, picklist: true, enum: true };

/** Returns the fields of a schema as JSON text, as `FormField` in `core/ports/build.ts`; undefined where no form can be made of it. */
export function formText(schema) {
  try {
    return fieldsText(schema);
  } catch {
    // A schema of another make, which is what it likes; data is checked by it all the same.
    return undefined;
  }
}

function fieldsText({ type, entries }) {
  if (objects[type] !== true || typeof entries !== "object" || entries === null) return undefined;
  const names = keys(entries);
  if (names.length === 0 || names.length > MAX_FIELDS) return undefined;
  let text = "";
  for (let i = 0; i < names.length; i++) {
    const field = fieldText(names[i], entries[names[i]]);
    if (field === undefined) return undefined;
    text += (i > 0 ? "," : "") + field;
  }
  return "[" + text + "]";
}

function fieldText(name, schema) {
  if (name.length > MAX_LENGTH) return undefined;
  const isOptional = wrappers[schema.type] === true;
  const inner = isOptional ? schema.wrapped : schema;
  const isChoice = choices[inner.type] === true;
  const type = isChoice ? "choice" : hasOwn(plain, toText(inner.type)) ? plain[inner.type] : undefined;
  if (type === undefined) return undefined;
  let text = '{"name":' + stringify(name) + ',"type":"' + type + '"';
  if (isOptional) text += ',"isOptional":true';
  if (isChoice) {
    const listed = choicesText(inner.options);
    if (listed === undefined) return undefined;
    text += ',"choices":[' + listed + "]";
  }
  return text + "}";
}

function choicesText(options) {
  if (!isArray(options) || options.length === 0 || options.length > MAX_CHOICES) return undefined;
  let text = "";
  for (let i = 0; i < options.length; i++) {
    const option = options[i];
    // Of numbers JSON knows those only that are one.
    if (!hasOwn(plain, typeof option) || stringify(option) === "null") return undefined;
    if (toText(option).length > MAX_LENGTH) return undefined;
    text += (i > 0 ? "," : "") + stringify(option);
  }
  return text;
}
