import { BOUNDS_MS, type HistogramView } from "../../core/trace/histogram.ts";

/** One metric, in the words of Prometheus. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
}

/** Values by the names of a metric's labels. */
export type Labels = Readonly<Record<string, string>>;

/** Returns a metric of hotroom's. */
export function metric(name: string, type: Metric["type"], help: string): Metric {
  return { name: `hotroom_${name}`, type, help };
}

/** Collects samples by metric, as the text format of Prometheus (version 0.0.4) wants those of one metric together. */
export class MetricsText {
  readonly #samples = new Map<Metric, string[]>();

  /** Adds one number. */
  add(metric: Metric, value: number, labels: Labels): void {
    this.#of(metric).push(`${metric.name}${shown(labels)} ${value}\n`);
  }

  /** Adds a histogram of times, in seconds. */
  addTimes(metric: Metric, { counts, sum }: HistogramView, labels: Labels): void {
    const samples = this.#of(metric);
    const own = shown(labels).slice(1, -1);
    const others = own === "" ? "" : `${own},`;
    let count = 0;
    for (const [bucket, more] of counts.entries()) {
      count += more;
      const bound = BOUNDS_MS[bucket];
      const le = bound === undefined ? "+Inf" : String(bound / 1000);
      samples.push(`${metric.name}_bucket{${others}le="${le}"} ${count}\n`);
    }
    samples.push(`${metric.name}_sum${shown(labels)} ${Math.round(sum * 1000) / 1e6}\n`);
    samples.push(`${metric.name}_count${shown(labels)} ${count}\n`);
  }

  toString(): string {
    const parts = Array.from(
      this.#samples,
      ([{ name, type, help }, samples]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join("")}`,
    );
    return parts.join("");
  }

  #of(metric: Metric): string[] {
    const samples = this.#samples.get(metric) ?? [];
    this.#samples.set(metric, samples);
    return samples;
  }
}

function shown(labels: Labels): string {
  const list = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return list.length > 0 ? `{${list.join(",")}}` : "";
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
