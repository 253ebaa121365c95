import { setDefaultTimeout } from "bun:test";

// Tests start real processes and wait for what these say; a busy machine may take its time, no test measures it.
setDefaultTimeout(60_000);
