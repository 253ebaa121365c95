import { describe, expect, test } from "bun:test";
import { readAnswer } from "../../../src/core/web/web_answer.ts";

/** Writes an answer as the prelude does. */
const written = (head: object, body?: string) => {
  const text = JSON.stringify(head);
  return `[${text.length},${text}${body === undefined ? "" : `,${body}`}]`;
};

describe("an answer", () => {
  test("of nothing is 204", () => {
    expect(readAnswer(undefined)).toEqual({ status: 204, headers: [] });
  });

  test("has bytes as they are behind its head", () => {
    const head = JSON.stringify({ status: 200, type: "bytes", headers: [["x-a", "é"]] });
    expect(readAnswer(`\0${head}\0a\0\xff`)).toEqual({
      status: 200,
      headers: [["x-a", "é"]],
      body: { type: "bytes", text: "\0a\0\xff" },
    });
    expect(readAnswer(`\0${head.replace("200", "204")}\0a`).body).toBeUndefined();
  });

  test("has JSON as it was written, and a text as it is", () => {
    const headers = [
      ["x-a", "1"],
      ["x-a", "ü"],
    ];
    const json = { type: "json", text: '{"a": [1, "é\\u0000"]}' } as const;
    expect(readAnswer(written({ status: 200, type: "json", headers }, json.text))).toMatchObject({
      status: 200,
      headers,
      body: json,
    });
    expect(readAnswer(written({ status: 404, type: "text", headers: [] }, '"a\\"b\\n"')).body).toEqual({
      type: "text",
      text: 'a"b\n',
    });
    expect(readAnswer(written({ status: 204, type: "text", headers: [] }, '"x"')).body).toBeUndefined();
  });

  const head = { status: 200, type: "text", headers: [] as unknown[] };
  test.each([
    ["no list", '"x"'],
    ["null", "null"],
    ["no length", '["x",{}]'],
    ["a length beyond its end", '[999,{"status":200,"headers":[]}]'],
    ["a length within its head", '[5,{"status":200,"headers":[]}]'],
    ["bytes without a head", "\0"],
    ["bytes with half a head", '\0{"status":200'],
    ["bytes that are text", '\0{"status":200,"type":"text","headers":[]}\0a'],
    ["bytes with a length", '\0{"status":200,"type":"bytes","headers":[["content-length","9"]]}\0a'],
    ["a negative length", '[-1,{"status":200,"headers":[]}]'],
    ["a status of the protocol", written({ ...head, status: 101 }, '"x"')],
    ["a status that is none", written({ ...head, status: 2000 }, '"x"')],
    ["a status in a text", written({ ...head, status: "200" }, '"x"')],
    ["a body of another type", written({ ...head, type: "html" }, '"x"')],
    ["a text that is none", written(head, "5")],
    ["headers that are no list", written({ ...head, headers: {} }, '"x"')],
    ["a header that is no pair", written({ ...head, headers: ["x"] }, '"x"')],
    ["a header that ends", written({ ...head, headers: [["x", "a\r\nb: c"]] }, '"x"')],
    ["a NUL", written({ ...head, headers: [["x", "a\0b"]] }, '"x"')],
    ["a name that ends", written({ ...head, headers: [["x:\r\ny", "a"]] }, '"x"')],
    ["a name of nothing", written({ ...head, headers: [["", "a"]] }, '"x"')],
    ["a length of its own", written({ ...head, headers: [["Content-Length", "3"]] }, '"x"')],
    ["an encoding of the transfer", written({ ...head, headers: [["transfer-encoding", "chunked"]] }, '"x"')],
    ["the end of the connection", written({ ...head, headers: [["Connection", "close"]] }, '"x"')],
    ["the end of all that a browser keeps", written({ ...head, headers: [["Clear-Site-Data", "a"]] }, '"x"')],
    ["another server for the origin", written({ ...head, headers: [["Alt-Svc", "clear"]] }, '"x"')],
    ["a protocol for the host", written({ ...head, headers: [["Strict-Transport-Security", "a"]] }, '"x"')],
    ["reports on the origin", written({ ...head, headers: [["NEL", "{}"]] }, '"x"')],
    ["where reports go to", written({ ...head, headers: [["report-to", "{}"]] }, '"x"')],
    ["more headers than may be", written({ ...head, headers: Array(101).fill(["x", "a"]) }, '"x"')],
  ])("that a guest has made up of %s is none", (_, value) => {
    expect(() => readAnswer(value)).toThrow("its handler gave no answer");
  });
});
