import type { Effect } from "../ports/effect.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Span, SpanAttributes } from "../ports/span_sink.ts";
import type { EventMoments } from "./event_times.ts";
import { newSpanId, type TraceContext } from "./trace_context.ts";
import type { Followed, Tracing } from "./tracing.ts";

/** Effects of an event that are named; of the others there is a number. */
const MOST_EFFECTS = 10;
/** UTF-16 units of a name that are shown. */
const MOST_NAME = 64;

/** One event that is followed: through the queue, its script, the gate, to what its handler asked for. */
export class EventTrace implements TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly #title: string;
  /** Whether all of it was told. */
  #isOver = false;

  constructor(
    private readonly tracing: Tracing,
    private readonly event: ScriptEvent,
    private readonly of: Followed,
    { traceId, spanId }: TraceContext,
    /** Id of the span that it is part of. */
    private readonly parentId: string | undefined,
    /** When the frame came that it is made of, ms of the monotonic clock; absent where it is of none. */
    private readonly cameAt?: number,
  ) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.#title = titleOf(event.kind, nameIn(event));
  }

  /** Does something that follows from the event. */
  during<T>(act: () => T): T {
    return this.tracing.during(this, act);
  }

  /** Notes that it is on its way to a script host. */
  handed({ acceptedAt, handedAt }: EventMoments, host: number): void {
    this.#write(`${this.#title} goes to script host ${host}.`, { host, queue_ms: ms(handedAt - acceptedAt) });
  }

  /** Notes that its script has answered it, and that what it came to is saved. */
  saved({ answeredAt, savedAt }: EventMoments): void {
    this.#write(`${this.#title} is saved.`, { gate_ms: ms(savedAt - answeredAt) });
  }

  /** Notes that all that its handler asked for has been carried out, or that nothing is. */
  carriedOut(moments: EventMoments, { version, effects, failure, cpu = 0 }: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const now = this.tracing.options.clock.monotonic();
    const code = failure && { code: failure.code };
    if (moments.answeredAt === 0) {
      this.#write(`${this.#title} has not come to its script: ${failure?.code ?? "it is over"}.`, {
        ...code,
      });
      return this.#addSpans(moments, now, failure?.code);
    }
    const { queue, script, gate, delivery } = stagesOf(moments, now);
    const text = failure ? `failed: ${failure.code}` : `is carried out: ${effectsShown(effects)}`;
    this.#write(`${this.#title} ${text}.`, {
      version,
      ...code,
      queue_ms: ms(queue.end - queue.start),
      script_ms: ms(script.end - script.start),
      cpu_ms: ms(cpu),
      ...(gate && { gate_ms: ms(gate.end - gate.start) }),
      delivery_ms: ms(delivery.end - delivery.start),
    });
    this.#addSpans(moments, now, failure?.code);
  }

  #write(text: string, fields: Readonly<Record<string, unknown>>): void {
    const { kind } = this.event;
    this.tracing.write(this, this.of, text, { event: kind, ...fields });
  }

  #addSpans(moments: EventMoments, now: number, error: string | undefined): void {
    const { spans, clock } = this.tracing.options;
    if (!spans) return;
    const { traceId, spanId, parentId, cameAt, event, of } = this;
    const { acceptedAt } = moments;
    const epoch = clock.now() - clock.monotonic();
    const kind = cameAt === undefined ? "internal" : "server";
    const name = nameIn(event);
    const start = epoch + (cameAt ?? (acceptedAt || now));
    const attributes = {
      ...placeOf(of),
      "hotroom.event": event.kind,
      ...(name !== undefined && { "hotroom.type": name.slice(0, MOST_NAME) }),
    };
    spans.add({
      traceId,
      spanId,
      parentId,
      // What no handler is for may be called anything.
      name: error === "no_handler" ? event.kind : this.#title,
      kind,
      start,
      end: epoch + now,
      attributes,
      error,
    });
    const part = (name: string, start: number, end: number): Span => {
      const own = { traceId, spanId: newSpanId(), parentId: spanId };
      return { ...own, name, kind: "internal", start: epoch + start, end: epoch + end, attributes: {} };
    };
    if (cameAt !== undefined && acceptedAt > 0) spans.add(part("frame", cameAt, acceptedAt));
    if (moments.answeredAt === 0) return;
    for (const [name, stage] of Object.entries(stagesOf(moments, now)))
      if (stage) spans.add(part(name, stage.start, stage.end));
  }
}

/** Returns what spans say of where something is. */
export function placeOf({ application, room }: Followed): SpanAttributes {
  return { "hotroom.application": application, ...(room && { "hotroom.room": room.name }) };
}

/** Returns what an event, or a request, is called in messages: `message "say"`. */
export function titleOf(kind: string, name: string | undefined): string {
  return name === undefined ? kind : `${kind} ${JSON.stringify(name.slice(0, MOST_NAME))}`;
}

/** Returns when an event was where, ms of the monotonic clock. */
function stagesOf({ acceptedAt, handedAt, answeredAt, savedAt }: EventMoments, now: number) {
  return {
    queue: { start: acceptedAt, end: handedAt },
    script: { start: handedAt, end: answeredAt },
    gate: savedAt > 0 ? { start: answeredAt, end: savedAt } : undefined,
    delivery: { start: savedAt > 0 ? savedAt : answeredAt, end: now },
  };
}

/** Returns the name that an event is told apart by among those of its kind. */
function nameIn(event: ScriptEvent): string | undefined {
  if (event.kind === "message" || event.kind === "emit") return event.type;
  return event.kind === "timer" || event.kind === "fetched" ? event.name : undefined;
}

/** Returns what effects are, without their data: `broadcast "said", send "seen"`. */
function effectsShown(effects: readonly Effect[]): string {
  const told = effects.filter(({ kind }) => kind !== "log");
  const shown = told.slice(0, MOST_EFFECTS).map((effect) => titleOf(effect.kind, targetOf(effect)));
  if (told.length > shown.length) shown.push(`${told.length - shown.length} more`);
  return shown.join(", ") || "nothing was asked for";
}

function targetOf(effect: Effect): string | undefined {
  if ("type" in effect) return effect.type;
  if ("name" in effect) return effect.name;
  return "room" in effect ? (effect.room ?? undefined) : undefined;
}

/** Returns a time as it is written, with µs. */
function ms(time: number): number {
  return Math.round(time * 1000) / 1000;
}
