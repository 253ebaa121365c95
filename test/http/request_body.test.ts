import { expect, test } from "bun:test";
import { MAX_BODY_BYTES, readBody } from "../../src/http/request_body.ts";

/** A request whose body is what is enqueued; tells when nobody reads it any more. */
function slow(signal?: AbortSignal) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const request = new Request("http://localhost/", { method: "POST", body, ...(signal && { signal }) });
  return {
    request,
    isLetGo: () => request.body?.locked === false,
    send: (bytes: number) => controller.enqueue(new Uint8Array(bytes)),
  };
}

const nothing = () => {};

test("a request without a body has none, and an empty one is empty", async () => {
  expect(await readBody(new Request("http://localhost/"), nothing)).toBeUndefined();
  const bytes = await readBody(new Request("http://localhost/", { method: "POST", body: "ab" }), nothing);
  expect(new TextDecoder().decode(bytes)).toBe("ab");
});

test("a body that says that it is too large is not read, and one that is is not read to its end", async () => {
  const headers = { "content-length": String(MAX_BODY_BYTES + 1) };
  const said = new Request("http://localhost/", { method: "POST", headers });
  await expect(readBody(said, nothing)).rejects.toMatchObject({ code: "too_large" });
  const { request, send, isLetGo } = slow();
  let taken = 0;
  const reading = readBody(request, (bytes) => {
    taken += bytes;
  });
  send(MAX_BODY_BYTES);
  send(1);
  await expect(reading).rejects.toMatchObject({ code: "too_large" });
  expect(isLetGo()).toBe(true);
  expect(taken).toBe(MAX_BODY_BYTES);
});

test("a body that does not come in time is given up, however it drips", async () => {
  const { request, send, isLetGo } = slow();
  const reading = readBody(request, nothing, 5);
  send(1);
  await expect(reading).rejects.toMatchObject({ code: "timeout" });
  expect(isLetGo()).toBe(true);
});

test("a body whose client goes, or for which there is no room, is given up", async () => {
  const client = new AbortController();
  const left = slow(client.signal);
  const reading = readBody(left.request, nothing);
  left.send(1);
  client.abort();
  await expect(reading).rejects.toMatchObject({ code: "gone" });
  expect(left.isLetGo()).toBe(true);
  const unwelcome = slow();
  const full = readBody(unwelcome.request, () => {
    throw new RangeError("no room");
  });
  unwelcome.send(1);
  await expect(full).rejects.toMatchObject({ code: "gone" });
  expect(unwelcome.isLetGo()).toBe(true);
});
