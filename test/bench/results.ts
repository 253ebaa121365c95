import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const folder = join(import.meta.dir, "results");

/** What a scenario measured, as it is kept in test/bench/results/. */
export interface Kept<T> {
  scenario: string;
  cores: number;
  bun: string;
  /** What must be known to read the figures; empty on a machine that did nothing else. */
  caveats: string[];
  measured: T;
}

/** Keeps what was measured; `plot.ts` and docs/PERFORMANCE.md take their figures from there. */
export function keep<T>(scenario: string, measured: T, caveats: string[] = []): void {
  mkdirSync(folder, { recursive: true });
  const kept: Kept<T> = { scenario, cores: availableParallelism(), bun: Bun.version, caveats, measured };
  writeFileSync(join(folder, `${scenario}.json`), `${JSON.stringify(kept, null, 2)}\n`);
}

/** What was kept last; throws where the scenario has not been run. */
export function kept<T>(scenario: string): Kept<T> {
  return JSON.parse(readFileSync(join(folder, `${scenario}.json`), "utf8")) as Kept<T>;
}
