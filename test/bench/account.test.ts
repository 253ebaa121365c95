import { expect, test } from "bun:test";
import { Account, type Faults, Hearing, type Line } from "./account.ts";

const none: Faults = {
  lost: 0,
  repeated: 0,
  reordered: 0,
  failed: 0,
  disconnected: 0,
  broken: 0,
  backwards: 0,
};

const line = (seq: number, count: number, before: number, luck: number, edition = 0): Line => ({
  ...{ from: "ann", sum: 0 },
  ...{ seq, count, before, luck, edition },
});

const cases: [name: string, lines: Line[], sent: number, faults: Partial<Faults>][] = [
  ["nothing in a whole account", [line(0, 1, 0, 0.1), line(1, 2, 0.1, 0.2)], 2, {}],
  ["a message that is missing in the middle", [line(0, 1, 0, 0.1), line(2, 2, 0.1, 0.2)], 3, { lost: 1 }],
  ["messages that are missing at the end", [line(0, 1, 0, 0.1)], 3, { lost: 2 }],
  ["a message that came twice", [line(0, 1, 0, 0.1), line(0, 2, 0.1, 0.2)], 1, { repeated: 1 }],
  ["a message that came late", [line(1, 1, 0, 0.1), line(0, 2, 0.1, 0.2)], 2, { reordered: 1 }],
  ["a state that went back", [line(0, 1, 0, 0.1), line(1, 2, 0.7, 0.2)], 2, { broken: 1 }],
  ["an edition that went back", [line(0, 1, 0, 0.1, 2), line(1, 2, 0.1, 0.2, 1)], 2, { backwards: 1 }],
];

for (const [name, lines, sent, faults] of cases) {
  test(`the account shows ${name}`, () => {
    const account = new Account();
    const hearing = new Hearing(account);
    for (const each of lines) hearing.hear(each);
    hearing.close(new Map([["ann", sent]]));
    expect(account.faults).toEqual({ ...none, ...faults });
  });
}
