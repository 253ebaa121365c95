/** Returns a number with the noun of what it counts, as `1 room` and `2 rooms`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Returns the same as a subject in the past, as `1 room was` and `2 rooms were`. */
export function countedWere(count: number, noun: string): string {
  return `${counted(count, noun)} ${count === 1 ? "was" : "were"}`;
}

/** Returns the same in the present, as `1 room is` and `2 rooms are`. */
export function countedAre(count: number, noun: string): string {
  return `${counted(count, noun)} ${count === 1 ? "is" : "are"}`;
}
