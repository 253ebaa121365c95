/**
 * Makes the answer to a request that failed: `{ "error": { "code", "message" } }`. Every failure of the server's HTTP looks
 * so, also that of a WebSocket upgrade.
 */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ error: { code, message } });
  return new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
}
