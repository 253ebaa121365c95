/** Where something stands that is followed: its trace, and its own part of that, as hexadecimal digits (W3C Trace Context). */
export interface TraceContext {
  /** 32 digits: the same from the client's frame to all that follows from it. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** A header `traceparent` of version 00, which later versions begin with. */
const pattern = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;
/** No more is looked at than a header of ours has. */
const MOST_UNITS = 128;
const SAMPLED = 1;

/** Returns an id of a new trace. */
export function newTraceId(): string {
  return digits(TRACE_ID_BYTES);
}

/** Returns an id of a new span. */
export function newSpanId(): string {
  return digits(SPAN_ID_BYTES);
}

/** Returns what a header `traceparent` names where it asks for its trace to be followed; undefined where it does not, or is none. */
export function sampledParent(header: string | null): TraceContext | undefined {
  if (!header || header.length > MOST_UNITS) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = pattern.exec(header) ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return (Number.parseInt(flags, 16) & SAMPLED) === 0 ? undefined : { traceId, spanId };
}

function digits(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
