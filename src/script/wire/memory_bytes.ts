/** What a sandbox takes of its host's memory beside its heap, bytes. */
export const SANDBOX_BYTES = 1024 * 1024;

/** By how much a heap may stay over what it may take, bytes: after an event that took more the sandbox is replaced. */
export const HEAP_OVERSHOOT_BYTES = 1024 * 1024;

/** What a heap may grow by where nothing is left for it, bytes, so that an event that needs next to nothing is not failed. */
export const HEAP_SLACK_BYTES = 256 * 1024;
