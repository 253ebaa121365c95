import type { SpanSink } from "../core/ports/span_sink.ts";
import type { OtlpOptions } from "./otlp_spans.ts";

/** Returns what sends spans to a collector, which is loaded where there is one (docs/decisions/0024-metrics.md). */
export async function spanSink(
  endpoint: string | undefined,
  options: Omit<OtlpOptions, "endpoint">,
): Promise<SpanSink | undefined> {
  if (endpoint === undefined) return undefined;
  const { OtlpSpans } = await import("./otlp_spans.ts");
  return new OtlpSpans({ ...options, endpoint });
}
