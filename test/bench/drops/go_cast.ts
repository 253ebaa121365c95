import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { go, whyNot } from "../../client/go.ts";
import type { Cast, Play } from "./cast.ts";
import type { Tally } from "./tally.ts";

/** A crowd by the client in Go, in a process of its own: src/client/go/internal/drops. It takes each step by a line, and answers with its tally. */
export async function goCast({ port, application, plan }: Play): Promise<Cast> {
  const reason = whyNot();
  if (reason !== undefined) throw new Error(`Cannot run the drops in Go: ${reason}.`);
  const folder = mkdtempSync(join(tmpdir(), "hotroom-go-drops-"));
  const program = join(folder, "drops");
  const { code, stderr } = await go(["build", "-o", program, "./internal/drops"]);
  if (code !== 0) throw new Error(`Cannot build the drops in Go:\n${stderr}`);
  const given = { ...plan, url: `ws://127.0.0.1:${port}/ws/${application}` };
  const child = spawn(program, [JSON.stringify(given)], { stdio: ["pipe", "pipe", "inherit"] });
  const kill = () => void child.kill("SIGKILL");
  process.on("exit", kill);
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  const ended = new Promise<never>((_, reject) => {
    child.on("exit", (status, signal) =>
      reject(new Error(`The clients in Go have ended: ${status ?? signal}.`)),
    );
  });
  ended.catch(() => {});
  const take = (step: string): Promise<Tally> => {
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    child.stdin.write(`${step}\n`);
    return Promise.race([answer, ended]).then((line) => JSON.parse(line) as Tally);
  };
  const step = (name: string) => async () => void (await take(name));
  return {
    enter: step("enter"),
    talk: step("talk"),
    hush: step("hush"),
    settle: step("settle"),
    audit: step("audit"),
    leave: step("leave"),
    tally: () => take("tally"),
    close: async () => {
      process.off("exit", kill);
      kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
