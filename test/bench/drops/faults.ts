/** What may go wrong for clients that come back, counted; all of it must be 0. */
export class Faults {
  /** Frames of a client that the room never got, replies that never came, and what a room said that a member never heard. */
  lost = 0;
  repeated = 0;
  reordered = 0;
  /** Requests that were answered with an error. */
  failed = 0;
  /** Times that somebody came back to less than there was. */
  resets = 0;
  /** Sessions that were over when somebody came back in time. */
  expired = 0;
  /** Members that a client takes for here, or away, who are not. */
  misjudged = 0;
  /** What was answered against the rules of the wire. */
  broken = 0;
  /** The first of them in words. */
  readonly notes: string[] = [];

  note(
    kind: "lost" | "repeated" | "reordered" | "failed" | "resets" | "expired" | "misjudged" | "broken",
    text: string,
    count = 1,
  ) {
    if (count === 0) return;
    this[kind] += count;
    if (this.notes.length < 20) this.notes.push(`${kind}: ${text}`);
  }

  /** All of them together. */
  get total(): number {
    const { lost, repeated, reordered, failed, resets, expired, misjudged, broken } = this;
    return lost + repeated + reordered + failed + resets + expired + misjudged + broken;
  }
}
