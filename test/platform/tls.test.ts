/** What TLS connections may do to a listener, on each runtime. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { type Heard, IDLE_TIMEOUT } from "../contract/platform_server.ts";
import { makeCertificate, noCertificates } from "../e2e/certificates.ts";

setDefaultTimeout(60_000);
const program = fileURLToPath(new URL("../contract/platform_server.ts", import.meta.url));
const runtimes = { bun: [process.execPath, "run"], deno: ["deno", "run", "-A"] };
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

for (const [name, [command = "", ...first]] of Object.entries(runtimes)) {
  const reason = noCertificates ?? (Bun.which(command) ? undefined : `there is no ${name} on the PATH`);
  if (reason) {
    test.skip(`TLS on ${name}: skipped, ${reason}`, () => {});
    continue;
  }
  const certificate = makeCertificate("localhost");
  const started = start();
  const open = async (as: string) => {
    const client = new WebSocket(`wss://localhost:${(await started).port}/ws?as=${as}`, {
      tls: { ca: certificate.cert },
    } as unknown as string[]);
    await new Promise((resolve, reject) => {
      client.onopen = resolve;
      client.onerror = reject;
    });
    return client;
  };

  async function start(): Promise<{ port: number; pid: number }> {
    const child = spawn(command, [...first, program, JSON.stringify({ certificate })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [port] = await once(createInterface({ input: child.stdout }), "line");
    return { port: Number(port), pid: child.pid ?? 0 };
  }

  test(`on ${name} much comes through whole and in order, and a closed socket hears its code`, async () => {
    const client = await open("much");
    const sizes: number[] = [];
    const all = new Promise<void>((resolve) => {
      client.onmessage = ({ data }) => {
        expect(data.startsWith(`${sizes.length}:`)).toBe(true);
        if (sizes.push(data.length) === 100) resolve();
      };
    });
    client.send(JSON.stringify({ do: "burst", count: 100, size: 50_000 }));
    await all;
    expect(new Set(sizes)).toEqual(new Set([50_000]));
    const closed = once(client as unknown as NodeJS.EventEmitter & EventTarget, "close");
    client.send(JSON.stringify({ do: "close", code: 4321, reason: "enough" }));
    const [event] = (await closed) as [CloseEvent];
    expect([event.code, event.reason]).toEqual([4321, "enough"]);
  });

  test(`on ${name} who speaks no TLS gets nothing, and others go on`, async () => {
    const { port } = await started;
    for (const junk of ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "\x16\x03\x01\xff\xff\x01", "junk"]) {
      const socket = connectPlain(port, "127.0.0.1");
      let got = "";
      socket.on("data", (chunk) => {
        got += chunk.toString("latin1");
      });
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(junk, "latin1");
      socket.end();
      await once(socket, "close");
      expect(got).not.toContain("HTTP/1.1 2");
    }
    (await open("others")).close();
  });

  // Bun ends them by deadlines of its own, which can't be set shorter for a test.
  test.skipIf(name !== "deno")(
    `on ${name} a handshake that never comes, and a peer that takes nothing, are given up`,
    async () => {
      const { port } = await started;
      const silent = connectPlain(port, "127.0.0.1");
      silent.on("error", () => {});
      const begun = performance.now();
      silent.resume();
      await once(silent, "close");
      expect(performance.now() - begun).toBeGreaterThan(IDLE_TIMEOUT / 3);

      const deaf = connectTls({ host: "localhost", port, ca: certificate.cert });
      deaf.on("error", () => {});
      await once(deaf, "secureConnect");
      deaf.write(
        "GET /ws?as=deaf HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
          "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
      await once(deaf, "data");
      deaf.pause();
      const asker = await open("asker");
      for (let i = 0; i < 40; i++)
        asker.send(JSON.stringify({ do: "burst", to: "deaf", count: 20, size: 50_000 }));
      const gone = new Promise<void>((resolve) => {
        asker.onmessage = ({ data }) => {
          const heard: Heard[] = JSON.parse(data);
          if (heard.some(({ as, event }) => as === "deaf" && event === "close")) resolve();
          else setTimeout(() => asker.send('{"do":"log"}'), 20);
        };
      });
      asker.send('{"do":"log"}');
      await gone;
      asker.close();
      deaf.destroy();
    },
  );

  test.skipIf(name !== "deno" || process.platform !== "linux")(
    `on ${name} what is behind the TLS answers nobody else`,
    async () => {
      const { port, pid } = await started;
      const inner = listeningPorts(pid).filter((each) => each !== port);
      expect(inner.length).toBe(1);
      const answer = await fetch(`http://127.0.0.1:${inner[0]}/log`);
      expect([answer.status, await answer.text()]).toEqual([403, "This port speaks TLS.\n"]);
    },
  );
}

/** The TCP ports that a process listens on, by Linux. */
function listeningPorts(pid: number): number[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return readFileSync(`/proc/${pid}/net/tcp`, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === "0A" && links.includes(`socket:[${columns[9]}]`))
    .map((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "0", 16));
}
