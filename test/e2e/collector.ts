/** A collector of spans in a test: it takes them by OTLP over HTTP, or hangs. */

/** A span as OTLP has it in JSON. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** Stands where a collector is to be. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly headers: Headers[] = [];
  /** What it knows of who has sent the spans. */
  resource: Record<string, string> = {};
  hangs = false;
  /** Requests that it has not answered. */
  hanging = 0;
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      if (request.method !== "POST" || new URL(request.url).pathname !== "/v1/traces")
        return new Response(null, { status: 404 });
      if (this.hangs) {
        this.hanging++;
        return new Promise<Response>(() => {});
      }
      this.headers.push(request.headers);
      this.#take(await request.json());
      return Response.json({});
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Spans of one trace by their names. */
  of(traceId: string): Map<string, CollectedSpan> {
    return new Map(this.spans.filter((span) => span.traceId === traceId).map((span) => [span.name, span]));
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  // biome-ignore lint/suspicious/noExplicitAny: it is whatever came
  #take(body: any): void {
    for (const { resource, scopeSpans } of body.resourceSpans) {
      for (const { key, value } of resource.attributes) this.resource[key] = value.stringValue;
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
  }
}
