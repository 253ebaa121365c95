import { BuildError, HotroomError } from "../../core/errors.ts";
import { problem } from "../problem.ts";

/**
 * Returns the answer that tells what the core refused, with the HTTP status of its code. Throws the error where it has none:
 * then it is not the client's fault.
 */
export function refusal(error: unknown, statuses: Readonly<Record<string, number>>): Response {
  if (!(error instanceof HotroomError)) throw error;
  const status = statuses[error.code];
  if (status === undefined) throw error;
  if (error instanceof BuildError) {
    const { position, sourceLine, sourceColumn } = error;
    const place = position && JSON.stringify({ position, sourceLine, sourceColumn });
    return problem(status, error.code, error.toString(), {}, place);
  }
  return problem(status, error.code, error.message, status === 503 ? { "retry-after": "1" } : {}, error.data);
}
