import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test";
import { SignJWT } from "jose";
import { JwtVerifier } from "../../src/auth/jwt_verifier.ts";
import type { JwtSettings } from "../../src/core/auth/auth_settings.ts";
import { FakeClock } from "../core/fake_clock.ts";
import { Issuer, makePair, type Pair, sign, signWith } from "./issuer.ts";

const SECRET = "a secret of at least thirty-two characters";
let issuer: Issuer;
let pairs: Record<string, Pair>;

beforeAll(async () => {
  issuer = await Issuer.start();
  const names = ["RS256", "PS384", "ES256", "ES384", "EdDSA"];
  pairs = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await makePair(name, name)] as const)),
  );
});
afterAll(() => issuer.stop());

const pairOf = (name: string) => pairs[name] as Pair;

/** A verifier whose clock can be moved, and what it has logged. */
function verifier() {
  const clock = new FakeClock();
  const start = clock.monotonic();
  clock.now = () => Date.now() + clock.monotonic() - start;
  const logged: string[] = [];
  const made = new JwtVerifier({
    clock,
    log: (_, text) => void logged.push(text),
    variable: (name) => (name === "JWT_SECRET" ? SECRET : undefined),
  });
  const verify = (settings: JwtSettings, token: string) => made.verify("app", settings, token);
  return { verify, clock, logged };
}

const secret: JwtSettings = { algorithms: ["HS256", "HS512"], secret: { env: "JWT_SECRET" } };
const claims = { sub: "u7", name: "ann" };

describe("a token is valid", () => {
  test("with a secret, and what it says comes back", async () => {
    const { verify } = verifier();
    for (const alg of ["HS256", "HS512"]) {
      const { text, expires = 0 } = await verify(secret, await signWith(SECRET, claims, 600, alg));
      expect(JSON.parse(text)).toMatchObject(claims);
      expect(Math.abs(expires - Date.now() - 630_000)).toBeLessThan(5000);
    }
    const forEver = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET));
    expect((await verify(secret, forEver)).expires).toBeUndefined();
  });

  test.each(["RS256", "PS384", "ES256", "ES384", "EdDSA"] as const)(
    "with a public key of %s",
    async (alg) => {
      const { verify } = verifier();
      const { kid: _, ...publicKey } = pairOf(alg).jwk;
      const settings: JwtSettings = { algorithms: [alg], publicKey };
      const token = await sign(pairOf(alg), claims);
      expect(JSON.parse((await verify(settings, token)).text)).toMatchObject(claims);
      const [head, , signature] = token.split(".");
      const forged = `${head}.${btoa(JSON.stringify({ sub: "admin" })).replace(/=+$/, "")}.${signature}`;
      await expect(verify(settings, forged)).rejects.toMatchObject({ code: "invalid_token" });
    },
  );

  test("for the issuer and the audience that are asked for, 30 s beyond its end, and no longer", async () => {
    const { verify } = verifier();
    const strict: JwtSettings = {
      ...secret,
      issuer: ["https://a.example", "https://b.example"],
      audience: "game",
    };
    const good = { iss: "https://b.example", aud: ["game", "shop"] };
    await verify(strict, await signWith(SECRET, good));
    await verify(strict, await signWith(SECRET, good, -25));
    for (const [wrong, exp] of [
      [{ ...good, iss: "https://c.example" }, 600],
      [{ ...good, aud: "shop" }, 600],
      [{ iss: good.iss }, 600],
      [good, -35],
      [{ ...good, nbf: Date.now() / 1000 + 60 }, 600],
    ] as const)
      await expect(verify(strict, await signWith(SECRET, wrong, exp))).rejects.toMatchObject({
        code: "invalid_token",
      });
  });
});

describe("a token is not valid", () => {
  test.each([
    ["no text", ""],
    ["no token", "abc"],
    ["three nothings", ".."],
    ["not signed", `${btoa('{"alg":"none"}').replace(/=+$/, "")}.${btoa('{"sub":"x"}').replace(/=+$/, "")}.`],
    ["longer than is looked at", `a.${"b".repeat(8192)}.c`],
    ["nested without an end", `${btoa("[".repeat(3000)).replace(/=+$/, "")}.e30.AA`],
  ])("that is %s", async (_, token) => {
    const { verify, logged } = verifier();
    await expect(verify(secret, token)).rejects.toMatchObject({ code: "invalid_token" });
    expect(logged).toEqual([]);
  });

  test("by another secret, or an algorithm that is not taken, or a public key taken for a secret", async () => {
    const { verify } = verifier();
    await expect(verify(secret, await signWith(`${SECRET}!`, claims))).rejects.toThrow(
      "its signature is wrong",
    );
    await expect(verify(secret, await signWith(SECRET, claims, 600, "HS384"))).rejects.toThrow("not taken");
    const { jwk } = pairOf("RS256");
    const settings: JwtSettings = { algorithms: ["RS256"], publicKey: jwk };
    await expect(verify(settings, await signWith(JSON.stringify(jwk), claims))).rejects.toThrow("not taken");
  });
});

describe("keys that are at an address", () => {
  test("are asked for once in 10 minutes, and because of an unknown one once a minute", async () => {
    const { verify } = verifier();
    issuer.keys = [pairOf("RS256").jwk, pairOf("ES256").jwk];
    const settings: JwtSettings = { algorithms: ["RS256", "ES256", "EdDSA"], jwks: issuer.url };
    const before = issuer.asked;
    const tokens = await Promise.all(["RS256", "ES256"].map((name) => sign(pairOf(name), claims)));
    await Promise.all([...tokens, ...tokens].map((token) => verify(settings, token)));
    expect(issuer.asked).toBe(before + 1);
    issuer.keys = [...issuer.keys, pairOf("EdDSA").jwk];
    const unknown = await sign(pairOf("EdDSA"), claims);
    for (let i = 0; i < 5; i++) await expect(verify(settings, unknown)).rejects.toThrow("its key is unknown");
    expect(issuer.asked).toBe(before + 1);
    setSystemTime(Date.now() + 61_000);
    try {
      await verify(settings, unknown);
      expect(issuer.asked).toBe(before + 2);
      await verify(settings, tokens[0] as string);
      setSystemTime(Date.now() + 600_000);
      await verify(settings, await sign(pairOf("RS256"), claims));
      expect(issuer.asked).toBe(before + 3);
    } finally {
      setSystemTime();
    }
  });

  test("that are secret, or take long to verify with, are none", async () => {
    const { verify } = verifier();
    const { jwk } = pairOf("RS256");
    issuer.keys = [
      { kty: "oct", k: "AAAA", kid: "RS256" },
      { ...jwk, n: "A".repeat(3000) },
    ];
    const settings: JwtSettings = { algorithms: ["RS256"], jwks: issuer.url };
    await expect(verify(settings, await sign(pairOf("RS256"), claims))).rejects.toThrow("its key is unknown");
  });

  test.each([
    ["an error", (_, response) => response.writeHead(500).end("no")],
    ["a redirect", (_, response) => response.writeHead(302, { location: issuer.url }).end()],
    ["no JSON", (_, response) => response.end("<html>")],
    ["something else", (_, response) => response.end('{"keys":5}')],
    ["very much", (_, response) => response.end(JSON.stringify({ keys: [{ x: "x".repeat(300_000) }] }))],
    ["very many", (_, response) => response.end(JSON.stringify({ keys: Array(101).fill({ kty: "RSA" }) }))],
    ["nothing, and hangs up", (request) => request.socket.destroy()],
  ] as [string, Issuer["answer"]][])(
    "that can't be had since %s comes let nobody in, are logged, and are not asked for by everybody",
    async (_, answer) => {
      const { verify, clock, logged } = verifier();
      const usual = issuer.answer;
      issuer.answer = answer;
      const before = issuer.asked;
      const settings: JwtSettings = { algorithms: ["RS256"], jwks: issuer.url };
      const token = await sign(pairOf("RS256"), claims);
      for (let i = 0; i < 5; i++)
        await expect(verify(settings, token)).rejects.toMatchObject({ code: "application_unavailable" });
      expect(issuer.asked).toBeLessThanOrEqual(before + 2);
      expect(logged).toHaveLength(1);
      expect(logged[0]).toContain(`the keys at ${issuer.url} can't be had`);
      expect(logged[0]).not.toContain(token);
      issuer.answer = usual;
      issuer.keys = [pairOf("RS256").jwk];
      clock.advance(5000);
      await verify(settings, token);
    },
  );
});
