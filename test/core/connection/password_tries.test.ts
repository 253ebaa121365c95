import { expect, test } from "bun:test";
import { PasswordTries } from "../../../src/core/connection/password_tries.ts";
import { HotroomError } from "../../../src/core/errors.ts";
import { Password } from "../../../src/core/room/password.ts";
import { FakeClock } from "../fake_clock.ts";

const SECOND = 1000;

function make() {
  const clock = new FakeClock();
  const password = new Password("sesame", clock);
  const connect = () => {
    const tries = new PasswordTries(clock);
    return (given: unknown, of = password) => {
      try {
        tries.check(of, given, "Cannot join");
        return "in";
      } catch (error) {
        return error instanceof HotroomError ? error.code : error;
      }
    };
  };
  return { clock, password, connect };
}

test("the right password lets in, however often; any other does not", () => {
  const { connect } = make();
  const give = connect();
  for (let n = 0; n < 100; n++) expect(give("sesame")).toBe("in");
  for (const wrong of ["sesam", "sesame ", "Sesame", "", 7, null, { length: 6 }, "x".repeat(10_000)]) {
    expect(connect()(wrong)).toBe("wrong_password");
  }
});

test("after five wrong passwords the connection is not told whether one is right, then once each ten seconds", () => {
  const { clock, connect } = make();
  const give = connect();
  for (let n = 0; n < 5; n++) expect(give(`${n}`)).toBe("wrong_password");
  expect(give("sesame")).toBe("rate_limited");
  clock.advance(9.9 * SECOND);
  expect(give("sesame")).toBe("rate_limited");
  clock.advance(0.2 * SECOND);
  expect(give("wrong")).toBe("wrong_password");
  expect(give("sesame")).toBe("rate_limited");
  clock.advance(10 * SECOND);
  expect(give("sesame")).toBe("in");
});

test("wrong passwords of other rooms count, too; a missing one does not", () => {
  const { clock, connect } = make();
  const give = connect();
  const other = new Password("other", clock);
  for (let n = 0; n < 100; n++) expect(give(undefined)).toBe("wrong_password");
  for (let n = 0; n < 5; n++) expect(give("wrong", other)).toBe("wrong_password");
  expect(give("sesame")).toBe("rate_limited");
});

test("while many connections guess a password, each gets one try in ten seconds, and who knows it gets in", () => {
  const { clock, connect } = make();
  const [early, mistaken] = [connect(), connect()];
  clock.advance(10 * SECOND);
  for (let n = 0; n < 30; n++) expect(connect()(`${n}`)).toBe("wrong_password");
  // A new connection for each guess is of no use.
  for (let n = 0; n < 100; n++) expect(connect()("sesame")).toBe("rate_limited");
  expect(early("sesame")).toBe("in");
  expect(mistaken("sesam")).toBe("wrong_password");
  expect(mistaken("sesame")).toBe("rate_limited");
  const patient = connect();
  for (let n = 0; n < 10; n++) {
    clock.advance(SECOND);
    for (let m = 0; m < 10; m++) early(`${n} ${m}`);
  }
  expect(patient("sesame")).toBe("in");
  expect(mistaken("sesame")).toBe("in");
});

test("once the guessing has ended everybody gets a try at once again", () => {
  const { clock, connect } = make();
  for (let n = 0; n < 30; n++) connect()(`${n}`);
  expect(connect()("sesame")).toBe("rate_limited");
  clock.advance(2 * SECOND);
  expect(connect()("sesame")).toBe("in");
});

test("a clock that is set back keeps nobody out for longer", () => {
  const { clock, connect } = make();
  const give = connect();
  clock.jump(-3600 * SECOND);
  for (let n = 0; n < 40; n++) connect()(`${n}`);
  expect(give("sesame")).toBe("rate_limited");
  clock.advance(10 * SECOND);
  expect(give("sesame")).toBe("in");
});
