/** Whose memory is too short for one more room: the application may not take more, or no script host has more. */
export type MemoryShortage = "application" | "host";
