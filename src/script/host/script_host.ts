import { messageOf } from "../../core/errors.ts";
import { COSTS, SandboxFlag } from "../wire/answer/answer.ts";
import {
  type Loaded,
  type LoadRequest,
  MADE,
  type MemoryLimit,
  type Poisoned,
  ToHost,
  ToServer,
} from "../wire/frame_kinds.ts";
import { type Frame, frameText, type Payload } from "../../process/frame.ts";
import { CpuMeter } from "./cpu_meter.ts";
import { PoisonedSandbox } from "./poisoned_sandbox.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { HostedVersion } from "./hosted_version.ts";
import { MemoryBudgets } from "./memory_budget.ts";

/** Least time between two looks at what sandboxes hold for nothing, ms: each walks a heap. */
const LOOK_EVERY_MS = 1000;
/** After a look has led to a move: how many times as much time as it takes to bring the scripts elsewhere passes before the next one. */
const BRINGINGS_PER_LOOK = 30;

/** Takes one frame for the server; the payload is not changed afterwards. */
export type Send = (kind: number, id: number, payload: Payload) => void;

/**
 * The host's end of the pipe: it makes sandboxes, gives them their batches and sends their answers, all in the order of the
 * frames. The process's `main.ts` drives it, or the server itself where scripts run in its process.
 */
export class ScriptHost {
  readonly #send: Send;
  readonly #memory = new MemoryBudgets();
  readonly #versions = new Map<number, HostedVersion>();
  /** Those that were looked at longest ago come first. */
  readonly #sandboxes = new Map<number, Sandbox>();
  #nextLookAtMs = 0;
  /** Whether the last look has led to a move. */
  #hasMoved = false;
  readonly #meter = new CpuMeter();
  /** Frames that wait for a sandbox that is being made. */
  #waiting: Promise<void> | undefined;

  /** `stack` is what scripts may use of the engine's stack, bytes; more than the default needs a process made for it. */
  constructor(
    send: Send,
    private readonly stack?: number,
  ) {
    this.#send = send;
  }

  /** Sends the first frame. */
  start(pid: number): void {
    this.#send(ToServer.ready, 0, JSON.stringify({ pid }));
  }

  /** Handles one frame; returns a promise where that takes longer. Frames given in the meantime wait for it. */
  receive(frame: Frame): void | Promise<void> {
    if (this.#waiting === undefined) {
      const work = this.#handle(frame);
      if (work === undefined) return undefined;
      return this.#wait(work);
    }
    return this.#wait(this.#waiting.then(() => this.#handle(frame)));
  }

  #wait(work: Promise<void>): Promise<void> {
    const waiting = work.finally(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
    return waiting;
  }

  #handle(frame: Frame): undefined | Promise<void> {
    switch (frame.kind) {
      case ToHost.load:
        return this.#load(frame.id, JSON.parse(frameText(frame)));
      case ToHost.sandbox:
        return this.#open(frame.id, JSON.parse(frameText(frame)).version);
      case ToHost.batch:
        this.#batch(frame.id, frame.payload);
        return undefined;
      case ToHost.memory:
        this.#memory.limit(JSON.parse(frameText(frame)) as MemoryLimit);
        return undefined;
      case ToHost.drop:
        this.#forget(frame.id);
        return undefined;
      case ToHost.unload:
        this.#versions.get(frame.id)?.close();
        this.#versions.delete(frame.id);
        return undefined;
      default:
        throw new Error(`Cannot handle a frame of kind ${frame.kind}.`);
    }
  }

  async #load(id: number, request: LoadRequest): Promise<void> {
    const version = new HostedVersion(request, this.#memory.of(request.application), this.stack);
    let loaded: Loaded = { ok: true, rooms: [] };
    if (!request.trusted) {
      try {
        loaded = await version.validate();
      } catch (error) {
        loaded = { ok: false, message: messageOf(error) };
      }
    }
    if (loaded.ok) this.#versions.set(id, version);
    else version.close();
    this.#send(ToServer.loaded, id, JSON.stringify(loaded));
  }

  async #open(id: number, versionId: number): Promise<void> {
    this.#meter.start();
    try {
      const version = this.#versions.get(versionId);
      if (version === undefined)
        throw new PoisonedSandbox(`Cannot open a sandbox: version ${versionId} is not loaded`);
      const sandbox = await version.sandbox();
      sandbox.unbilled = this.#meter.stop();
      this.#sandboxes.set(id, sandbox);
      this.#send(ToServer.progress, id, MADE);
    } catch (error) {
      this.#poison(id, error, this.#meter.stop());
    }
  }

  #batch(id: number, batch: Uint8Array): void {
    const sandbox = this.#sandboxes.get(id);
    // Poisoned, and the server has been told: it sends the batch again elsewhere.
    if (sandbox === undefined) return;
    this.#meter.start();
    try {
      const progress = (script: number, seq: number) => {
        this.#send(ToServer.progress, id, JSON.stringify([script, seq]));
      };
      const answer = sandbox.run(batch, progress, this.#meter);
      this.#send(ToServer.answer, id, this.#answer(sandbox, answer));
      if (sandbox.isSuspect) this.#poison(id, new PoisonedSandbox(shortageOf(sandbox), undefined, true), 0);
      else if (sandbox.isScarce) this.#look();
    } catch (error) {
      this.#poison(id, error, sandbox.unbilled + this.#meter.stop());
    }
  }

  /** Looks at one sandbox whose memory is scarce, and tells the server if it holds much of it for nothing. */
  #look(): void {
    const now = performance.now();
    if (now < this.#nextLookAtMs) return;
    this.#nextLookAtMs = now + LOOK_EVERY_MS;
    for (const [id, sandbox] of this.#sandboxes) {
      this.#meter.start();
      const hasGrown = sandbox.look(now);
      sandbox.unbilled += this.#meter.stop();
      if (hasGrown === undefined) continue;
      this.#sandboxes.delete(id);
      this.#sandboxes.set(id, sandbox);
      this.#hasMoved = hasGrown;
      if (hasGrown) this.#send(ToServer.grown, id, "");
      return;
    }
  }

  /**
   * Returns the answer to the batch that the sandbox has handled, behind what it has cost, as `answer.ts` lays them out.
   */
  #answer(sandbox: Sandbox, answer: Uint8Array): Payload {
    const { held, taken, used, hasGrown, ranOutIn, isShort } = sandbox.memoryUse();
    const cpuMs = sandbox.unbilled + this.#meter.stop();
    if (this.#hasMoved && sandbox.hasBrought)
      this.#nextLookAtMs = Math.max(this.#nextLookAtMs, performance.now()) + cpuMs * BRINGINGS_PER_LOOK;
    const flags =
      (hasGrown ? SandboxFlag.grown : 0) |
      (sandbox.hasUndone ? SandboxFlag.undone : 0) |
      (isShort ? SandboxFlag.short : 0);
    sandbox.unbilled = 0;
    return {
      byteLength: COSTS + answer.byteLength,
      writeTo(frame, at) {
        frame.writeDoubleLE(microseconds(cpuMs), at);
        frame.writeDoubleLE(held, at + 8);
        frame.writeDoubleLE(taken, at + 16);
        frame.writeDoubleLE(used, at + 24);
        frame.writeUInt16LE(ranOutIn, at + 32);
        frame.writeUInt8(flags, at + 34);
        frame.set(answer, at + COSTS);
      },
    };
  }

  /** Forgets a sandbox, whose memory goes with it: nothing of it is disposed of, because that can abort. */
  #poison(id: number, error: unknown, cpuMs: number): void {
    this.#forget(id);
    const reason = messageOf(error);
    const culprit = error instanceof PoisonedSandbox ? error.culprit : undefined;
    const full = error instanceof PoisonedSandbox && error.isFull;
    const poisoned: Poisoned = {
      reason,
      ...(culprit ? { culprit } : {}),
      cpu: microseconds(cpuMs),
      ...(full ? { full } : {}),
    };
    this.#send(ToServer.poisoned, id, JSON.stringify(poisoned));
  }

  #forget(id: number): void {
    this.#sandboxes.get(id)?.close();
    this.#sandboxes.delete(id);
  }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

/** Returns why memory ran out in a sandbox, as the log tells it. */
function shortageOf({ isShort }: Sandbox): string {
  if (!isShort) return "memory ran out";
  return "the application, or all on this script host, have taken the memory that they may (limits.totalMemory, --host-memory)";
}
