import { headerNamePattern, headerValuePattern } from "./http_header.ts";

/** Longest that a fetch may take, and how long it may where its script says nothing, ms. */
export const MAX_FETCH_MS = 60_000;
export const DEFAULT_FETCH_MS = 10_000;

/** UTF-16 units of a URL; headers of a request, and UTF-16 units that their names and values have together. */
export const MAX_URL_UNITS = 8192;
export const MAX_HEADERS = 64;
export const MAX_HEADER_UNITS = 16 * 1024;

/** What a request may be made by: no tunnel, and nothing that echoes it. */
export const methodPattern = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;
/** Methods that have no body. */
export const bodilessPattern = /^(?:GET|HEAD)$/;

/** Headers that say how the request travels, or where it comes from: those are the server's own. */
export const ownHeaderPattern =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|via|forwarded|x-forwarded-.*|x-real-ip|proxy-.*|__proto__)$/;

/** Returns true if a request may carry a header; the name is in lower case. */
export function isHeader(name: unknown, value: unknown): boolean {
  return (
    typeof name === "string" &&
    typeof value === "string" &&
    headerNamePattern.test(name) &&
    name === name.toLowerCase() &&
    !ownHeaderPattern.test(name) &&
    headerValuePattern.test(value)
  );
}
