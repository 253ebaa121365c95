/** The files of docs/deploy, run: nginx and Caddy with TLS before a server on a unix socket; and looked at. */
import { afterAll, expect, test } from "bun:test";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { request } from "node:https";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { variableOf } from "../../src/cli/config.ts";
import { settingKeys } from "../../src/cli/server_settings.ts";
import { type Certificate, makeCertificate, noCertificates } from "./certificates.ts";
import { TestClient } from "./client.ts";
import { makeFolder, startServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const root = join(import.meta.dir, "../..");
const deploy = join(root, "docs/deploy");
const files = {
  "where/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({
      events: {
        login: (app, login) => ({ name: login.data.name, data: { address: login.address } }),
        request: (app, { address }) => ({ address }),
      },
      messages: { mine: (app, user) => user.data },
    });`,
};

const running = new Set<ChildProcess>();
afterAll(() => {
  // Not SIGKILL, which nginx's workers outlive.
  for (const child of running) child.kill("SIGTERM");
});

interface Site {
  /** Of the unix socket that the proxy asks. */
  readonly socket: string;
  readonly folder: string;
  readonly port: number;
  readonly certificate: Certificate;
}

/** A proxy: its program, and the command that runs it by its file of docs/deploy, changed where that has to be. */
interface Proxy {
  readonly name: string;
  readonly program: string | null;
  prepare(site: Site): { text: string; command(file: string): string[] };
}

const proxies: Proxy[] = [
  {
    name: "nginx",
    program: Bun.which("nginx") ?? Bun.which("/usr/sbin/nginx"),
    prepare: ({ socket, folder, port }) => ({
      text: changed(readFileSync(join(deploy, "nginx.conf"), "utf8"), [
        ["pid /run/nginx.pid", `pid ${folder}/nginx.pid; daemon off`],
        ["unix:/run/hotroom/hotroom.sock", `unix:${socket}`],
        ["listen 80;", `listen unix:${folder}/80.sock;`],
        ["listen [::]:80;", ""],
        ["listen 443", `listen 127.0.0.1:${port}`],
        ["listen [::]:443 ssl http2;", ""],
        ["/etc/letsencrypt/live/chat.example.com/fullchain.pem", `${folder}/cert.pem`],
        ["/etc/letsencrypt/live/chat.example.com/privkey.pem", `${folder}/key.pem`],
        ["/var/log/nginx/hotroom.log", `${folder}/access.log`],
      ]),
      command: (file) => ["-c", file, "-e", `${folder}/error.log`, "-g", "user root;"],
    }),
  },
  {
    name: "Caddy",
    program: Bun.which("caddy"),
    prepare: ({ socket, folder, port }) => ({
      text: `{\n\tadmin off\n\tauto_https off\n}\n${changed(readFileSync(join(deploy, "Caddyfile"), "utf8"), [
        [
          "chat.example.com {",
          `https://:${port} {\n\tbind 127.0.0.1\n\ttls ${folder}/cert.pem ${folder}/key.pem`,
        ],
        ["unix//run/hotroom/hotroom.sock", `unix/${socket}`],
      ])}`,
      command: (file) => ["run", "--config", file, "--adapter", "caddyfile"],
    }),
  },
];

/** Replaces what must be in a text. */
function changed(text: string, changes: [from: string, to: string][]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`There is no ${from} in the configuration.`);
    return before.replaceAll(from, to);
  }, text);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks from an address of this machine that is not the proxy's. */
function ask(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, headers, localAddress: "127.0.0.9" };
    const asking = request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on("error", reject);
    asking.end();
  });
}

for (const { name, program, prepare } of proxies) {
  const reason = noCertificates ?? (program === null ? `there is no ${name} on this machine` : undefined);
  if (reason || program === null) {
    test.skip(`${name} in front of a server: skipped, ${reason}`, () => {});
    continue;
  }
  onEachRuntime(
    `${name} in front of a server`,
    (runtime) => {
      test("passes WebSockets and addresses on, and clients come back to a server that is replaced", async () => {
        const certificate = makeCertificate("localhost");
        const folder = makeFolder({ "cert.pem": certificate.cert, "key.pem": certificate.key });
        const socket = join(makeFolder(), "hotroom.sock");
        const args = [
          "--unix",
          socket,
          "--trust-proxy",
          "1",
          "--no-console",
          "--admin-token",
          "a-secret-token",
        ];
        const server = await startServer({ runtime, files, args });
        const port = await freePort();
        const { text, command } = prepare({ socket, folder, port, certificate });
        const file = join(makeFolder({ config: text }), "config");
        const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
        const proxy = spawn(program, command(file), { env, stdio: ["ignore", "ignore", "pipe"] });
        running.add(proxy);
        let said = "";
        proxy.stderr.on("data", (chunk) => {
          said += chunk;
        });
        await until(`${name} to answer`, async () => {
          if (proxy.exitCode !== null) throw new Error(said);
          return (await ask(port, "/healthz")).status === 200;
        });

        const lie = { "x-forwarded-for": "6.6.6.6", forwarded: "for=6.6.6.6" };
        expect(await ask(port, "/apps/where/", lie)).toEqual({
          status: 200,
          text: '{"address":"127.0.0.9"}',
        });
        expect((await ask(port, "/")).status).toBe(404);
        expect((await ask(port, "/api/applications")).status).toBe(401);
        const shown = { authorization: "Bearer a-secret-token" };
        expect((await ask(port, "/api/applications", shown)).status).toBe(200);

        const connect = async (user: string) => {
          const client = new TestClient(`wss://127.0.0.1:${port}/ws/where`, [], { ca: certificate.cert });
          await client.opened;
          await client.ok({ event: "login", data: { name: user } });
          return client;
        };
        const ann = await connect("ann");
        expect(await ann.ok({ event: "message", type: "mine" })).toEqual({ address: "127.0.0.1" });

        await server.stop();
        expect((await ann.closed).code).toBe(4000);
        await startServer({ runtime, files, args });
        const again = await until("the proxy to find the new server", () => connect("ann"));
        expect(await again.ok({ event: "message", type: "mine" })).toEqual({ address: "127.0.0.1" });
        again.close();
        proxy.kill("SIGTERM");
        await until(`${name} to end`, () => proxy.exitCode !== null || proxy.signalCode !== null);
      });
    },
    ["bun"],
  );
}

const analyze = Bun.which("systemd-analyze");
if (analyze === null) test.skip("the systemd unit: skipped, there is no systemd-analyze", () => {});
else
  test("the systemd unit has nothing that systemd does not know, and lets the server do little", () => {
    // What the unit starts must be there.
    const unit = readFileSync(join(deploy, "hotroom.service"), "utf8").replace(
      "/usr/local/bin/hotroom",
      "/bin/true",
    );
    const file = join(makeFolder({ "hotroom.service": unit }), "hotroom.service");
    const { status, stderr } = spawnSync(analyze, ["verify", file], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

test("the Dockerfile takes the Bun of the repository, and files that are there", () => {
  const lines = readFileSync(join(deploy, "Dockerfile"), "utf8").split("\n");
  const version = readFileSync(join(root, ".ci/run"), "utf8").match(/^bun_version=(\S+)/m)?.[1];
  expect(lines).toContain(`FROM oven/bun:${version}-debian AS build`);
  const copied = lines.flatMap((line) => line.match(/^COPY (?!--from)(.*) \S+$/)?.[1]?.split(" ") ?? []);
  expect(copied.length).toBeGreaterThan(4);
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const variables = lines.flatMap((line) => line.match(/\b(HOTROOM_\w+)=/)?.[1] ?? []);
  const known = settingKeys.map((key) => variableOf(key));
  expect(variables.filter((name) => !known.includes(name))).toEqual([]);
});
