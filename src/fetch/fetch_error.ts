import type { FetchProblem } from "../core/ports/fetcher.ts";

/** Why a request came to nothing; the message is for the author of the script that has asked. */
export class FetchError extends Error {
  override readonly name = "FetchError";

  constructor(
    readonly code: FetchProblem,
    message: string,
  ) {
    super(message);
  }
}
