import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc; 100 on every Linux that Bun runs on. */
const TICKS = 100;

interface Stat {
  pid: number;
  parent: number;
  /** Seconds of CPU, own and of children that have ended. */
  user: number;
  system: number;
}

/** A process and all its live descendants. */
export function processTree(root: number): number[] {
  return treeStats(root).map((each) => each.pid);
}

/** CPU seconds of a process and of the processes under it. */
export interface Usage {
  user: number;
  system: number;
  /** Of its live descendants, user and system. */
  descendants: number;
}

/** CPU seconds that the process tree has used, ended children included (utime, stime, cutime, cstime). */
export function treeUsage(root: number): Usage {
  const [top, ...others] = treeStats(root);
  const descendants = others.reduce((sum, each) => sum + each.user + each.system, 0);
  return { user: top?.user ?? 0, system: top?.system ?? 0, descendants };
}

/** The same as one sum. */
export function treeCpu(root: number): number {
  const { user, system, descendants } = treeUsage(root);
  return user + system + descendants;
}

/** Bytes that the process tree holds: the proportional set size, so that pages shared by its processes count once. */
export function treeMemory(root: number): number {
  let kilobytes = 0;
  for (const pid of processTree(root)) {
    const rollup = readOf(`/proc/${pid}/smaps_rollup`);
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup ?? "")?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

function treeStats(root: number): Stat[] {
  const byParent = new Map<number, Stat[]>();
  let top: Stat | undefined;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (!stat) continue;
    if (stat.pid === root) top = stat;
    const siblings = byParent.get(stat.parent);
    if (siblings) siblings.push(stat);
    else byParent.set(stat.parent, [stat]);
  }
  if (!top) return [];
  const tree = [top];
  for (const each of tree) tree.push(...(byParent.get(each.pid) ?? []));
  return tree;
}

function statOf(pid: number): Stat | undefined {
  const text = readOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
  return { pid, parent: Number(fields[1]), user: (utime + cutime) / TICKS, system: (stime + cstime) / TICKS };
}

/** The file, or undefined where the process has ended meanwhile. */
function readOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** CPU seconds that the whole machine has used, and that it had: /proc/stat's first line. */
export function machineCpu(): { used: number; total: number } {
  const fields = (readOf("/proc/stat") ?? "cpu 0").split("\n", 1)[0]?.trim().split(/\s+/).slice(1, 9) ?? [];
  const ticks = fields.map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { used: (total - idle) / TICKS, total: total / TICKS };
}
