import {
  bodilessPattern,
  isHeader,
  MAX_FETCH_MS,
  MAX_HEADERS,
  MAX_HEADER_UNITS,
  MAX_URL_UNITS,
  methodPattern,
} from "../../../core/fetch/fetch_rules.ts";
import type { FetchRequest } from "../../../core/ports/fetcher.ts";
import type { AnswerReader } from "./answer_reader.ts";
import { MalformedAnswer } from "./malformed_answer.ts";

/**
 * Returns what a fetch is to send, as `effectParts` lays it out; `weigh` counts the texts of it. Throws MalformedAnswer where the guest's own
 * checks would have refused it.
 */
export function readFetch(reader: AnswerReader, weigh: (text: string) => void): FetchRequest {
  const [url, method, list, text, timeout] = Array.from({ length: 5 }, () => reader.field());
  const isTime = typeof timeout === "number" && timeout >= 1 && timeout <= MAX_FETCH_MS;
  const body = text === 0 ? undefined : text;
  if (typeof url !== "string" || url.length > MAX_URL_UNITS || !isTime) throw new MalformedAnswer(WRONG);
  if (typeof method !== "string" || !methodPattern.test(method)) throw new MalformedAnswer(WRONG);
  if (body !== undefined && (typeof body !== "string" || bodilessPattern.test(method)))
    throw new MalformedAnswer(WRONG);
  const headers = headersOf(list);
  for (const each of [url, body ?? "", ...headers.flat()]) weigh(each);
  return { url, method, headers, timeout, ...(body !== undefined && { body }) };
}

const WRONG = "a fetch is not as it may be";

function headersOf(list: unknown): [string, string][] {
  if (!Array.isArray(list) || list.length % 2 !== 0 || list.length > MAX_HEADERS * 2)
    throw new MalformedAnswer(WRONG);
  let units = 0;
  return Array.from({ length: list.length / 2 }, (_, i) => {
    const [name, value] = list.slice(i * 2, i * 2 + 2);
    if (!isHeader(name, value)) throw new MalformedAnswer(WRONG);
    units += name.length + value.length;
    if (units > MAX_HEADER_UNITS) throw new MalformedAnswer(WRONG);
    return [name, value];
  });
}
