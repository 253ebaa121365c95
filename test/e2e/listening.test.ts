/** Where a server listens beside a port, and what it shows there: a unix socket, TLS of its own, no page. */
import { beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeCertificate, noCertificates, shownBy } from "./certificates.ts";
import { makeFolder, runCommand, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      messages: { echo: (room, user, data) => data, tell: (room, user, data) => room.broadcast("told", data) },
    });`,
  "where/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({ events: { request: (app, { address }) => ({ address }) } });`,
};

onEachRuntime("a unix socket", (runtime) => {
  test("is what HTTP, WebSockets and the commands come through, and is gone with its server", async () => {
    const unix = join(makeFolder(), "hotroom.sock");
    const first = await startServer({ runtime, files, args: ["--unix", unix] });
    expect(statSync(unix).mode & 0o777).toBe(0o660);
    expect(await (await first.fetch("/apps/where/")).json()).toEqual({ address: "127.0.0.1" });
    expect((await first.fetch("/api/applications", { headers: { host: "evil.test" } })).status).toBe(403);
    const ann = await first.user("hall", "ann", "a");
    expect(await ann.ask("a", "echo", "through a file")).toBe("through a file");
    const flags = runtime === "bun" ? ["--unix", unix] : ["--url", `unix:${unix}`];
    expect(runCommand(runtime, ["versions", "hall", ...flags]).stdout).toContain("hall (reload policy");

    const second = runCommand(runtime, ["serve", "--extensions", first.folder, "--unix", unix]);
    expect(second.status).toBe(1);
    expect(second.output).toContain(`Cannot listen on unix:${unix}: another server listens there`);
    expect(await ann.ask("a", "echo", "still")).toBe("still");
    await first.kill();

    expect(existsSync(unix)).toBe(true);
    const third = await startServer({ runtime, files, args: ["--unix", unix] });
    expect((await third.fetch("/healthz")).status).toBe(200);

    // Somebody takes the file away, and another server comes: who goes first takes nothing of it along.
    unlinkSync(unix);
    const fourth = await startServer({ runtime, files, args: ["--unix", unix] });
    await third.stop();
    await until("the fourth server", async () => (await fourth.fetch("/healthz")).status === 200);
    // Its rights and its owner are the operator's business.
    chmodSync(unix, 0o600);
    await fourth.stop();
    expect(readdirSync(dirname(unix))).toEqual([]);
  });
});

if (noCertificates) test.skip(`TLS of the server's own: skipped, ${noCertificates}`, () => {});
else
  onEachRuntime("TLS of the server's own", (runtime) => {
    test("shows a new certificate to who comes, and closes no connection for it", async () => {
      const [one, two] = [makeCertificate("one"), makeCertificate("two")];
      const folder = makeFolder({ "cert.pem": one.cert, "key.pem": one.key });
      const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
      const args = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
      const server = await startServer({ runtime, files, args, ca: one.cert + two.cert });
      expect(await shownBy(server.port)).toBe("one");
      await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow();
      expect(await (await server.fetch("/apps/where/")).json()).toEqual({ address: "127.0.0.1" });
      const ann = await server.user("hall", "ann", "a");
      // Its settings say where it is, and its certificate who.
      const env = { HOTROOM_TLS_CERT: join(folder, "cert.pem"), HOTROOM_TLS_KEY: join(folder, "key.pem") };
      const health = () => runCommand(runtime, ["health", "--port", String(server.port)], folder, env);
      expect(health()).toMatchObject({ status: 0, stdout: expect.stringContaining('"state":"ready"') });
      // A flag says it as well: no key is needed to ask.
      const flags = ["--port", String(server.port), "--tls-cert", join(folder, "cert.pem")];
      if (runtime === "bun") expect(runCommand(runtime, ["health", ...flags]).status).toBe(0);
      const before = await Promise.all(["b1", "b2", "b3"].map((name) => server.user("hall", name, "a")));

      put("cert.pem", two.cert);
      await server.logged(/Cannot use the new certificate, the one before stays: the key in/);
      expect(await shownBy(server.port)).toBe("one");
      // The same on both, and a start of Deno takes its time.
      if (runtime === "bun")
        expect(health()).toMatchObject({
          status: 1,
          output: expect.stringContaining("Cannot reach the server"),
        });

      put("key.pem", two.key);
      await until("the second certificate", async () => (await shownBy(server.port)) === "two");
      await server.logged(/The certificate has changed: .*, until \d{4}-/);
      expect(await ann.ask("a", "echo", "as before")).toBe("as before");
      const bob = await server.user("hall", "bob", "a");
      expect(await bob.ask("a", "echo", "behind the new one")).toBe("behind the new one");
      expect(await (await server.fetch("/apps/where/")).json()).toEqual({ address: "127.0.0.1" });

      const after = await Promise.all(["a1", "a2", "a3"].map((name) => server.user("hall", name, "a")));
      await bob.ok({ event: "message", room: "a", type: "tell", data: "all" });
      for (const client of [ann, ...before, ...after])
        expect((await client.message("told")).data).toBe("all");

      await server.stop();
      expect((await ann.closed).code).toBe(4000);
      expect((await bob.closed).code).toBe(4000);
    });
  });

onEachRuntime(
  "a server without a console",
  (runtime) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer({
        runtime,
        files,
        args: ["--no-console", "--admin-token", "a-secret-token"],
      });
    });

    test.each([
      ["/", 404],
      ["/page/main.js", 404],
      ["/api/applications", 401],
      ["/api/metrics", 401],
      ["/healthz", 200],
      ["/client.js", 200],
      ["/client.d.ts", 200],
      ["/apps/where/", 200],
    ])("answers %s with %d", async (path, status) => {
      expect((await server.fetch(path)).status).toBe(status);
    });

    test("has WebSockets, and its API for who shows the token", async () => {
      expect(await (await server.user("hall", "ann", "a")).ask("a", "echo", 1)).toBe(1);
      const headers = { authorization: "Bearer a-secret-token" };
      expect((await server.fetch("/api/applications", { headers })).status).toBe(200);
    });
  },
  ["bun"],
);
