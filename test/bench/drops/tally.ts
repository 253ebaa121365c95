import type { DropsCrowd } from "./crowd.ts";
import type { Faults } from "./faults.ts";

/** What has become of a crowd, or of a part of it, so far. */
export interface Tally {
  readonly clients: number;
  /** Times that a link was lost on purpose, and things that clients have done. */
  readonly drops: number;
  readonly acts: number;
  /** Times from the begin of a connection to what was missed, ms. */
  readonly resumed: readonly number[];
  readonly faults: Pick<Faults, Exclude<keyof Faults, "note">>;
}

/** Returns a function that gives the tally of a crowd, from its begin. */
export function tallyOf(crowd: DropsCrowd): () => Tally {
  const resumed: number[] = [];
  crowd.resumed = (ms) => resumed.push(ms);
  return () => {
    const { drops, acts, clients, faults } = crowd;
    return { clients: clients.length, drops, acts, resumed, faults: { ...faults, total: faults.total } };
  };
}

/** Returns several tallies as one. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const faults = (kind: Exclude<keyof Tally["faults"], "notes">) => sum((tally) => tally.faults[kind]);
  return {
    clients: sum(({ clients }) => clients),
    drops: sum(({ drops }) => drops),
    acts: sum(({ acts }) => acts),
    resumed: tallies.flatMap(({ resumed }) => resumed),
    faults: {
      lost: faults("lost"),
      repeated: faults("repeated"),
      reordered: faults("reordered"),
      failed: faults("failed"),
      resets: faults("resets"),
      expired: faults("expired"),
      misjudged: faults("misjudged"),
      broken: faults("broken"),
      total: faults("total"),
      notes: tallies.flatMap((tally) => tally.faults.notes),
    },
  };
}
