/** Reads the text format of Prometheus (version 0.0.4), as strictly as it is written down. */

/** One number, with the labels that it has. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const samplePattern = new RegExp(
  String.raw`^(${name})(?:\{(${label}(?:,${label})*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|NaN)$`,
);

/** Returns all samples of a text, and the types of its metrics. Throws where anything is not as the format says. */
export function readMetrics(text: string): { samples: Sample[]; types: Map<string, string> } {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  let current = "";
  let helped = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, metric = "", rest = ""] = line.match(/^# (HELP|TYPE) (\S+) (.+)$/) ?? [];
    if (kind === "HELP") {
      if (types.has(metric)) throw new Error(`${metric} is there twice, or not in one piece`);
      helped = metric;
    } else if (kind === "TYPE") {
      if (metric !== helped || !/^(counter|gauge|histogram)$/.test(rest)) throw new Error(line);
      types.set(metric, rest);
      current = metric;
    } else {
      const sample = readSample(line);
      const base =
        types.get(current) === "histogram" ? sample.name.replace(/_(bucket|sum|count)$/, "") : sample.name;
      if (base !== current) throw new Error(`${line} stands under ${current}`);
      const id = line.slice(0, line.lastIndexOf(" "));
      if (seen.has(id)) throw new Error(`${id} is there twice`);
      seen.add(id);
      samples.push(sample);
    }
  }
  for (const [metric, type] of types) if (type === "histogram") checkHistogram(metric, samples);
  return { samples, types };
}

/** Returns the value of the one sample with these labels among others; 0 where there is none. */
export function numberOf(samples: readonly Sample[], name: string, labels: Record<string, string>): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, of]) => sample.labels[key] === of),
  );
  if (found.length > 1) throw new Error(`${name} has ${found.length} samples`);
  return found[0]?.value ?? 0;
}

function readSample(line: string): Sample {
  const [, name = "", labels = "", value] = samplePattern.exec(line) ?? [];
  if (value === undefined) throw new Error(`${line} is no sample`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [
    key,
    text.replaceAll("\\n", "\n").replaceAll(/\\(.)/g, "$1"),
  ]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace("+Inf", "Infinity")) };
}

/** Buckets of one set of labels ascend, in their bounds and in their counts, to as many as there are. */
function checkHistogram(metric: string, samples: readonly Sample[]): void {
  const counts = samples.filter(({ name }) => name === `${metric}_count`);
  for (const { labels, value } of counts) {
    const own = samples.filter(
      (sample) =>
        sample.name === `${metric}_bucket` &&
        Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    );
    let bound = Number.NEGATIVE_INFINITY;
    let count = 0;
    for (const bucket of own) {
      const next = Number(bucket.labels.le?.replace("+Inf", "Infinity"));
      if (!(next > bound) || bucket.value < count) throw new Error(`${metric} does not ascend at ${next}`);
      bound = next;
      count = bucket.value;
    }
    if (bound !== Number.POSITIVE_INFINITY || count !== value)
      throw new Error(`${metric} has ${value}, and ${count} up to ${bound}`);
    numberOf(samples, `${metric}_sum`, labels);
  }
}
