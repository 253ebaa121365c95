import { expect, test } from "bun:test";
import type { Request } from "../../../src/protocol/codec.ts";
import { goroomserver } from "../../../src/protocol/goroomserver/codec.ts";

const inOtherCases: [string, string, Partial<Request>][] = [
  [
    "as Go writes the fields of a struct without tags",
    '{"AppName":"test","RoomName":"hall","EventType":11,"Data":{"type":"say"}}',
    { event: "message", application: "test", room: "hall", type: "say" },
  ],
  ["in small letters", '{"appname":"test","eventtype":7}', { event: "logout", application: "test" }],
  ["the last of several", '{"APPNAME":"a","appname":"b","eventType":7}', { application: "b" }],
  ["after the key itself", '{"appName":"a","APPNAME":"b","eventType":7}', { application: "a" }],
  [
    "in data, where they are keys of the client's own",
    '{"appName":"test","eventType":6,"data":{"UserName":"x"}}',
    { data: { UserName: "x", name: undefined } },
  ],
];
test.each(inOtherCases)("[P122] keys in another case: %s", (_, text, request) => {
  expect(goroomserver.decode(text)).toMatchObject(request);
});

test("[P122] a key that has other letters is another key", () => {
  for (const key of ["app_name", "appNam", "appName ", "åppName"])
    expect(() => goroomserver.decode(JSON.stringify({ [key]: "test", eventType: 7 }))).toThrow("App name");
});
