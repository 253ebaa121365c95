import type { TraceContext } from "../trace/trace_context.ts";

/** What a span says of itself beside its times. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A part of a trace that is over. */
export interface Span extends TraceContext {
  /** Id of the span that it is part of; absent for the first of a trace. */
  readonly parentId?: string | undefined;
  readonly name: string;
  /** `server` where it begins with what a client has sent. */
  readonly kind: "server" | "internal";
  /** ms since the epoch, with a fraction. */
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  /** Code of what went wrong. */
  readonly error?: string | undefined;
}

/** Takes spans to whoever shows them; never throws, and nobody waits for it. */
export interface SpanSink {
  add(span: Span): void;
  /** Sends what is left, and ends; resolves in `ms` at most. */
  close(ms: number): Promise<void>;
}
