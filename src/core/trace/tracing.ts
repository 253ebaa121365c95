import type { Request } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import type { ApplicationLimits } from "../application/application_limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { Log, LogFields, LogLevel } from "../ports/log.ts";
import type { SpanSink } from "../ports/span_sink.ts";
import type { User } from "../user/user.ts";
import { EventTrace, placeOf, titleOf } from "./event_trace.ts";
import { newSpanId, newTraceId, sampledParent, type TraceContext } from "./trace_context.ts";

/** Whose events are followed. */
export interface Followed {
  readonly application: string;
  readonly room?: { readonly name: string };
  readonly limits: Pick<ApplicationLimits, "traces" | "logs">;
}

/** Who has sent a frame. */
interface Sender {
  readonly id: string;
  readonly application?: Pick<Application, "name" | "limits">;
  readonly user?: Pick<User, "id">;
}

/** Which of what clients send is followed, and who is told. */
export interface TracingSettings {
  /** Share that is followed, 0 to 1. */
  readonly sample: number;
  /** Level of the lines in the log that follow events; absent where there are none, and only what scripts log has the ids. */
  readonly level?: LogLevel | undefined;
  /** Address of a collector that spans are sent to, by OTLP over HTTP. */
  readonly endpoint?: string | undefined;
}

/** What events are followed by. */
export interface TracingOptions extends TracingSettings {
  readonly clock: Clock;
  readonly log: Log;
  /** Takes spans; without it events are followed in the log alone. */
  readonly spans?: SpanSink | undefined;
}

/** What a client has sent that is followed, until an event comes of it. */
interface Arrival extends TraceContext {
  /** Id of the span that it is part of, which another program has begun. */
  readonly parentId?: string | undefined;
  /** ms of the monotonic clock. */
  readonly cameAt: number;
  readonly of: Followed;
  readonly title: string;
  /** What it is, without a name that a client has chosen. */
  readonly kind: string;
  /** Whether an event has come of it, which has its span, or it is known that none does. */
  isTaken: boolean;
}

/** Follows some of what clients send: its trace's id stands in the log wherever it comes by, and spans say how long it was where. */
export class Tracing {
  /** What is being handled in this turn of the loop; events that are dispatched meanwhile belong to it. */
  #current: TraceContext | undefined;
  readonly #arrivals = new WeakMap<object, Arrival>();

  constructor(readonly options: TracingOptions) {}

  /** What stands in each line of the log that is written now. */
  get fields(): LogFields | undefined {
    const { traceId, spanId } = this.#current ?? {};
    return traceId === undefined ? undefined : { trace_id: traceId, span_id: spanId };
  }

  /** Begins to follow a request that a client has sent in a frame, if it is one of those that are followed. */
  frame(request: Request, { id, application, user }: Sender): void {
    const { event, type, room } = request;
    if (!application || event === "ping" || Math.random() >= this.options.sample) return;
    const { name, limits } = application;
    const of = { application: name, limits, ...(room !== undefined && { room: { name: room } }) };
    const fields = { event, connection: id, ...(user && { user: user.id }) };
    this.#begin(request, of, [titleOf(event, type), event, "in a frame"], fields);
  }

  /**
   * Begins to follow a request by HTTP, if it is one of those that are followed, as is each whose header `traceparent` asks for that;
   * `title` says what it is.
   */
  http(
    request: object,
    traceparent: string | null,
    { name, limits }: Pick<Application, "name" | "limits">,
    title: string,
  ): void {
    const parent = sampledParent(traceparent);
    if (!parent && Math.random() >= this.options.sample) return;
    this.#begin(request, { application: name, limits }, [title, title, "by HTTP"], {}, parent);
  }

  /** Notes that nothing comes of a request. */
  refused(request: object, code: string): void {
    this.#end(request, `is refused: ${code}`, code);
  }

  /** Notes that the server itself has passed a message on, of which no script hears. */
  passedOn(request: object): void {
    this.#end(request, "is passed on");
  }

  /** Does something about a request now; the events that are dispatched for it are followed if it is. */
  within<T>(request: object, act: () => T): T {
    const arrival = this.#arrivals.get(request);
    return arrival ? this.during(arrival, act) : act();
  }

  /** Does something that is part of what is followed. */
  during<T>(context: TraceContext, act: () => T): T {
    const before = this.#current;
    this.#current = context;
    try {
      return act();
    } finally {
      this.#current = before;
    }
  }

  /** Returns what follows an event that is dispatched now; undefined if nothing does. */
  event(event: ScriptEvent, of: Followed): EventTrace | undefined {
    const context = this.#current;
    if (!context || event.kind === "directory" || !of.limits.traces.take()) return undefined;
    const { traceId } = context;
    if ("isTaken" in context) {
      const { spanId, parentId, cameAt, isTaken } = context as Arrival;
      (context as Arrival).isTaken = true;
      if (!isTaken) return new EventTrace(this, event, of, { traceId, spanId }, parentId, cameAt);
    }
    const own = { traceId, spanId: newSpanId() };
    return new EventTrace(this, event, of, own, context.spanId);
  }

  /** Writes a line about what is followed, unless its application logs too much. */
  write({ traceId, spanId }: TraceContext, of: Followed, text: string, fields: LogFields): void {
    const { application, room, limits } = of;
    const { log, level } = this.options;
    if (level === undefined || !limits.logs.take(text + JSON.stringify(fields))) return;
    const place = { application, ...(room && { room: room.name }) };
    log(level, text, { ...place, trace_id: traceId, span_id: spanId, ...fields });
  }

  #end(request: object, what: string, code?: string): void {
    const arrival = this.#arrivals.get(request);
    if (!arrival || arrival.isTaken) return;
    arrival.isTaken = true;
    const { of, title, kind, cameAt, traceId, spanId, parentId } = arrival;
    this.write(arrival, of, `${title} ${what}.`, code === undefined ? {} : { code });
    const { spans, clock } = this.options;
    if (!spans) return;
    const end = clock.now();
    const start = end - (clock.monotonic() - cameAt);
    const ids = { traceId, spanId, parentId };
    // What a client calls a request that is refused may be anything.
    const name = code === undefined ? title : kind;
    spans.add({ ...ids, name, kind: "server", start, end, attributes: placeOf(of), error: code });
  }

  #begin(
    request: object,
    of: Followed,
    [title, kind, way]: readonly [title: string, kind: string, way: string],
    fields: LogFields,
    parent?: TraceContext,
  ): void {
    if (!of.limits.traces.take()) return;
    const arrival: Arrival = {
      traceId: parent?.traceId ?? newTraceId(),
      spanId: newSpanId(),
      parentId: parent?.spanId,
      cameAt: this.options.clock.monotonic(),
      of,
      title,
      kind,
      isTaken: false,
    };
    this.#arrivals.set(request, arrival);
    this.write(arrival, of, `${title} came ${way}.`, fields);
  }
}

/** Does something about a request now; the events that are dispatched for it are followed if it is. */
export function within<T>(tracing: Tracing | undefined, request: object, act: () => T): T {
  return tracing ? tracing.within(request, act) : act();
}
