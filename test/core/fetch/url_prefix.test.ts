import { expect, test } from "bun:test";
import { isListed, prefixProblem } from "../../../src/core/fetch/url_prefix.ts";

const under = (url: string, ...prefixes: string[]) => isListed(new URL(url), prefixes);

test("a prefix is whole segments of a path, on one port of one host", () => {
  const v1 = "https://api.example.com/v1";
  expect(
    [v1, `${v1}/`, `${v1}/a`, `${v1}?q`, `${v1}/a/../b`, "https://API.example.com:443/v1/x"].map((url) =>
      under(url, v1),
    ),
  ).toEqual(Array(6).fill(true));
  const others = [
    "https://api.example.com/v10",
    "https://api.example.com/",
    "https://api.example.com/V1/",
    "http://api.example.com/v1",
    "https://api.example.com:444/v1",
    "https://api.example.com./v1",
    "https://api.example.com.evil.test/v1",
    "https://evil.test/https://api.example.com/v1",
    "https://api.example.com@evil.test/v1",
    "https://me:secret@api.example.com/v1",
    "https://me@api.example.com/v1",
  ];
  expect(others.filter((url) => under(url, v1))).toEqual([]);
  expect(under("https://api.example.com/v1", `${v1}/`)).toBe(false);
  expect(under("https://b.test/x", "https://a.test/", "https://b.test/")).toBe(true);
});

test("no path climbs out of a prefix, however it is written", () => {
  const up = [
    "..",
    "%2e%2e",
    ".%2E",
    "%252e%252e",
    "x/%2e%2e/..",
    "..;a=b",
    "..%2f",
    "..%5c",
    "%2e%2e%2fx",
    "a%2f..%2f..",
  ];
  const urls = up.map((path) => `https://a.test/v1/${path}/secret`);
  expect(urls.filter((url) => under(url, "https://a.test/v1/"))).toEqual([]);
  for (const path of ["a..b", "...", "a%2fb", "100%25", "%C3%A4"])
    expect([path, under(`https://a.test/v1/${path}`, "https://a.test/v1/")]).toEqual([path, true]);
});

test("numbers that mean an address are that address", () => {
  for (const host of ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.1."])
    expect([host, under(`http://${host}/`, "http://127.0.0.1/")]).toEqual([host, true]);
});

test("what can't be a prefix is told", () => {
  expect(["https://a.test", "http://127.0.0.1:8080/x/", "https://[::1]/"].map(prefixProblem)).toEqual(
    Array(3).fill(undefined),
  );
  const wrong = [
    "a.test",
    "/x",
    "ftp://a.test/",
    "https://u:p@a.test/",
    "https://a.test/?q=1",
    "https://a.test/#x",
    "https://a.test/?",
  ];
  expect(wrong.filter((text) => prefixProblem(text) === undefined)).toEqual([]);
  expect(prefixProblem("https://a.test/..%2f")).toBe("its path must not lead up");
});
