/**
 * Makes the answer to a request that failed: `{ "error": { "code", "message" } }`. Every failure of the server's HTTP looks
 * so, also that of a WebSocket upgrade. `data` is JSON text that stands beside the message.
 */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  data?: string,
): Response {
  const error = JSON.stringify({ code, message });
  const body = `{"error":${data === undefined ? error : `${error.slice(0, -1)},"data":${data}}`}}`;
  return new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
}
