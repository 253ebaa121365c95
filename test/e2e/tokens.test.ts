/** Logins by token: the server verifies it before any script is asked. */
import { afterAll, expect, test } from "bun:test";
import { Issuer, makePair, sign, signWith } from "../auth/issuer.ts";
import { makeFolder, runCommand, startServer } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const SECRET = "a secret of at least thirty-two characters";
const app = (more = "") => `
import { defineApplication } from "hotroom";
export default defineApplication({ ${more}
  events: {
    login(app, login) {
      console.log("asked", login, JSON.stringify(login.data), login.claims);
      return { name: login.claims.name, data: { sub: login.claims.sub, hasToken: login.data.token.length > 10 } };
    },
    loggedIn: (app, user) => app.send(user, "me", user.data),
  },
});`;
const auth = (jwt: object) => JSON.stringify({ auth: { jwt }, session: { grace: 60_000 } });
const bySecret = auth({ algorithms: ["HS256"], secret: { env: "CLUB_SECRET" }, audience: "club" });
const env = { CLUB_SECRET: SECRET };
const tokenOf = (name: string, exp?: number) =>
  signWith(SECRET, { name, sub: `id-${name}`, aud: "club" }, exp);

const issuer = await Issuer.start();
afterAll(() => issuer.stop());

onEachRuntime("logins by token", (runtime) => {
  test("[P43] the handler hears what a valid token says, and nothing of others", async () => {
    const pair = await makePair("ES256", "k1");
    issuer.keys = [pair.jwk];
    const server = await startServer({
      runtime,
      env,
      files: {
        "club/hotroom.json": bySecret,
        "club/app.ts": app(),
        "plain.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
        "keyed/hotroom.json": auth({ algorithms: ["ES256"], jwks: issuer.url }),
        "keyed/app.ts": app(),
      },
    });
    const ann = await server.connect("club");
    for (const data of [undefined, { name: "ann" }, { token: "x" }, { token: await tokenOf("ann", -60) }])
      expect(await ann.fails({ event: "login", data })).toMatchObject({ code: "invalid_token" });
    expect(server.output()).not.toContain("asked");
    const token = await tokenOf("ann");
    expect((await ann.ok({ event: "login", data: { name: "bob", token } })).user.name).toBe("ann");
    expect((await ann.message("me")).data).toEqual({ sub: "id-ann", hasToken: true });
    await server.logged(/asked .*"name":"bob".*sub: "id-ann"/);

    const eve = await server.connect("keyed");
    expect(await eve.fails({ event: "login", data: { token } })).toMatchObject({ code: "invalid_token" });
    const own = await sign(pair, { name: "eve", sub: "id-eve" });
    expect((await eve.ok({ event: "login", data: { token: own } })).user.name).toBe("eve");

    const gopher = await server.open("/");
    const login = (data: object) => gopher.send({ eventType: 6, appName: "club", data });
    login({ username: "gopher" });
    expect(await gopher.next(() => true)).toMatchObject({ code: 500, error: { code: 3 } });
    login({ username: "gopher", token: await tokenOf("gopher") });
    expect(await gopher.next(({ code }) => code === 200)).toMatchObject({ data: { userName: "gopher" } });

    const text = await (await fetch(`${server.url}/api/applications/club`)).text();
    for (const secret of [token, own, SECRET]) expect(server.output() + text).not.toContain(secret);
  });

  test("a session is not come back to when its token has expired, also after a killed server", async () => {
    const club = new Restartable(
      runtime,
      { "club/hotroom.json": bySecret, "club/app.ts": app("durable: true,") },
      [],
      env,
    );
    await club.start();
    const exp = -28;
    const ann = await club.connect("club");
    const bob = await club.connect("club");
    const { session } = await ann.ok({ event: "login", data: { token: await tokenOf("ann", exp) } });
    const longer = await bob.ok({ event: "login", data: { token: await tokenOf("bob") } });
    await bob.settle();
    // The leeway is over: waiting is what expires it.
    const over = Date.now() + 2500;
    await club.restart();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, over - Date.now())));
    const again = await club.connect("club");
    const resume = (session: string) => ({ event: "reconnect", data: { session, seen: 0 } });
    expect(await again.fails(resume(session))).toMatchObject({ code: "invalid_token" });
    const back = await club.connect("club");
    back.idPrefix = "b";
    expect((await back.ok(resume(longer.session))).user.name).toBe("bob");
    // Its name is free at once.
    const { user } = await again.ok({ event: "login", data: { token: await tokenOf("ann") } });
    expect(user.name).toBe("ann");
    await club.server.kill();
  });

  test("without the secret an application does not start, and check says so", async () => {
    const files = { "club/hotroom.json": bySecret, "club/app.ts": app() };
    const server = await startServer({ runtime, files, env: { CLUB_SECRET: "" } });
    await server.logged(/Cannot use the variable "CLUB_SECRET" \(auth\.jwt\.secret\): it is not set/);
    expect(await server.upgradeStatus("/ws/club")).toBe(503);
    const checked = runCommand(runtime, ["check", "--extensions", makeFolder(files)]);
    expect(checked).toMatchObject({ status: 1 });
    expect(checked.output).toContain('the variable "CLUB_SECRET" (auth.jwt.secret): it is not set');
  });

  test("a secret that can be found by trying is refused, in bytes of each algorithm", () => {
    const club = (algorithms: string[], variable: string) => ({
      "hotroom.json": auth({ algorithms, secret: { env: variable } }),
      "app.ts": app(),
    });
    const applications = {
      short: club(["HS256"], "SHORT_SECRET"),
      long: club(["HS256"], "LONG_SECRET"),
      longer: club(["HS256", "HS512"], "LONG_SECRET"),
    };
    const folder = makeFolder(
      Object.fromEntries(
        Object.entries(applications).flatMap(([name, files]) =>
          Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]),
        ),
      ),
    );
    const variables = { SHORT_SECRET: "s", LONG_SECRET: "é".repeat(16) };
    const { output, status } = runCommand(runtime, ["check", "--extensions", folder], undefined, variables);
    expect(status).toBe(1);
    const refused = (application: string, name: string) =>
      `${application}: Cannot use the variable "${name}" (auth.jwt.secret): it has`;
    expect(output).toContain(`${refused("short", "SHORT_SECRET")} 1 byte, HS256 needs at least 32 (`);
    expect(output).toContain(`${refused("longer", "LONG_SECRET")} 32 bytes, HS512 needs at least 64 (`);
    expect(output).toContain("long: ok");
  });
});
