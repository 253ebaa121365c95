/** What the load generator is told to do, and what it answers; JSON between two processes. */
export interface Plan {
  port: number;
  /** The server's process, whose tree's CPU is read at both ends of the window. */
  pid: number;
  dialect: "hotroom" | "relay" | "socketIo" | "colyseus";
  rooms: number;
  members: number;
  /** Time before the window, and the window itself, ms. */
  warmup: number;
  window: number;
  /**
   * Messages a second over all members, at a fixed pace and each timed at every receiver. Absent: as fast as it goes;
   * a member talks again once it has heard each member of its room.
   */
  rate?: number;
}

/** What was seen in the window. */
export interface Outcome {
  /** The window as it really was, seconds. */
  seconds: number;
  /** Messages sent by members. */
  events: number;
  /** Messages received by members. */
  deliveries: number;
  /** Reads from sockets in which the deliveries came: how many of them a server writes at once. */
  reads: number;
  /** CPU seconds of the server's process tree, and its parts: user and system of the server's own process, and the rest. */
  serverCpu: number;
  serverUser: number;
  serverSystem: number;
  hostsCpu: number;
  /** CPU seconds of the generator itself. */
  generatorCpu: number;
  /** CPU seconds of everything else on the machine. */
  otherCpu: number;
  /** Cores' worth of CPU seconds that the machine had in the window. */
  machineCpu: number;
  /** With a rate: latency of deliveries, and how late messages left the generator, ms. */
  latency?: Percentiles;
  lateness?: Percentiles;
}

/** Of a distribution, ms. */
export interface Percentiles {
  p50: number;
  p99: number;
  worst: number;
}
