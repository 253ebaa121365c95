import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import { messageOf } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Span, SpanSink } from "../core/ports/span_sink.ts";
import { printable } from "../core/printable.ts";
import { settlesWithin } from "../core/settles_within.ts";

/** Spans that wait to be sent; what is more is dropped. */
const MOST_WAITING = 2048;
/** Spans that are sent at once. */
const MOST_AT_ONCE = 512;
/** How long spans wait for others, ms. */
const GATHER_MS = 1_000;
/** How long the collector may take for an answer, with what is tried again, ms; and requests to it at one time. */
const TIMEOUT_MS = 5_000;
const MOST_REQUESTS = 2;
/** So often at most it is told that the collector takes none, ms. */
const TOLD_MS = 60_000;
/** UTF-16 units of the collector's reason that are shown. */
const MOST_REASON = 200;

/** What spans are sent with. */
export interface OtlpOptions {
  /** Where the collector is; spans go to `/v1/traces` below. */
  readonly endpoint: string;
  /** Version of this program. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sends spans to a collector by OTLP over HTTP. Headers and certificates come from the variables that OpenTelemetry names. A collector
 * that is slow, hangs or is away costs spans, and nothing else; it is told once.
 */
export class OtlpSpans implements SpanSink {
  readonly #resource: Resource;
  readonly #scope: { readonly name: string; readonly version: string };
  readonly #processor: SpanProcessor;
  readonly #clock: Clock;

  constructor({ endpoint, version, clock, log }: OtlpOptions) {
    this.#clock = clock;
    this.#scope = { name: "hotroom", version };
    this.#resource = resourceFromAttributes({
      "service.name": process.env.OTEL_SERVICE_NAME || "hotroom",
      "service.version": version,
    });
    const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
    const otlp = new OTLPTraceExporter({ url, timeoutMillis: TIMEOUT_MS, concurrencyLimit: MOST_REQUESTS });
    this.#processor = new BatchSpanProcessor({
      exporter: new WatchedExporter(otlp, new URL(url).host, clock, log),
      maxQueueSize: MOST_WAITING,
      maxExportBatchSize: MOST_AT_ONCE,
      scheduledDelayMillis: GATHER_MS,
      exportTimeoutMillis: 2 * TIMEOUT_MS,
    });
  }

  add(span: Span): void {
    this.#processor.onEnd(this.#readable(span));
  }

  async close(ms: number): Promise<void> {
    await settlesWithin(
      this.#clock,
      ms,
      this.#processor.shutdown().catch(() => {}),
    );
  }

  #readable(span: Span): ReadableSpan {
    const { traceId, spanId, parentId, error } = span;
    const traceFlags = TraceFlags.SAMPLED;
    return {
      name: span.name,
      kind: span.kind === "server" ? SpanKind.SERVER : SpanKind.INTERNAL,
      spanContext: () => ({ traceId, spanId, traceFlags }),
      ...(parentId !== undefined && { parentSpanContext: { traceId, spanId: parentId, traceFlags } }),
      startTime: highResolution(span.start),
      endTime: highResolution(span.end),
      duration: highResolution(span.end - span.start),
      status:
        error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
      attributes: span.attributes,
      links: [],
      events: [],
      ended: true,
      resource: this.#resource,
      instrumentationScope: this.#scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }
}

/** An exporter of which it is told when it fails, and when it does no more. */
class WatchedExporter implements SpanExporter {
  #isFailing = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly exporter: SpanExporter,
    /** Name and port of the collector. */
    private readonly host: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  export(...[spans, done]: Parameters<SpanExporter["export"]>): void {
    this.exporter.export(spans, (result) => {
      this.#note(result.error);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #note(error: Error | undefined): void {
    if (!error) {
      if (this.#isFailing) this.log("info", `Spans are sent to ${this.host} again.`);
      this.#isFailing = false;
      return;
    }
    const now = this.clock.monotonic();
    if (this.#isFailing || now - this.#toldAt < TOLD_MS) return;
    this.#isFailing = true;
    this.#toldAt = now;
    const reason = printable(messageOf(error).slice(0, MOST_REASON)) || "it refuses them";
    this.log("warn", `Cannot send spans to ${this.host}: ${reason}. They are dropped until it takes them.`);
  }
}

/** Returns a time, ms, as whole seconds and the ns behind them. */
function highResolution(ms: number): [seconds: number, ns: number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.max(0, Math.round((ms - seconds * 1000) * 1e6)))];
}
