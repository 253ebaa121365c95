/** What somebody has won so far. */
export interface Score {
  name: string;
  points: number;
}

/** Places that are kept. State is bounded, so a list that strangers can make longer needs an end. */
const PLACES = 1000;

/** The scores, the most first, after somebody has won more points. */
export function withPoints(scores: readonly Score[], name: string, points: number): Score[] {
  const before = scores.find((score) => score.name === name)?.points ?? 0;
  const others = scores.filter((score) => score.name !== name);
  // Who came to as many points first stays in front.
  const place = others.findLastIndex((score) => score.points >= before + points) + 1;
  return others.toSpliced(place, 0, { name, points: before + points }).slice(0, PLACES);
}
