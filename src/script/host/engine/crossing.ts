/**
 * What the library's classes can't do, by the C functions that they stand on: text crosses as the bytes of its frame
 * without becoming a string of the host (docs/decisions/0004-engine.md has the figures), and guest and host share memory at
 * an address that is known.
 */
import {
  type JSContextPointer,
  type JSValueConstPointerPointer,
  type JSValuePointer,
  type JSVoidPointer,
  Lifetime,
  type OwnedHeapCharPointer,
  type QuickJSEmscriptenModule,
  type QuickJSFFI,
  type QuickJSHandle,
  type QuickJSRuntime,
} from "quickjs-emscripten";

/** The engine itself failed: nothing of its instance can be used any more. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";
}

/** What the library's classes of one instance stand on. */
export interface InstanceParts {
  readonly module: QuickJSEmscriptenModule;
  readonly ffi: QuickJSFFI;
  readonly context: JSContextPointer;
}

/** Carries bytes into and out of one instance. */
export class Crossing {
  readonly #copy = (value: QuickJSHandle["value"]) =>
    this.parts.ffi.QTS_DupValuePointer(this.parts.context, value);
  readonly #free = (value: QuickJSHandle["value"]) =>
    this.parts.ffi.QTS_FreeValuePointer(this.parts.context, value as JSValuePointer);

  /** Address of the list of arguments of a call, which is always one. */
  readonly #arguments: number;

  constructor(
    private readonly parts: InstanceParts,
    private readonly memory: WebAssembly.Memory,
    private readonly runtime: QuickJSRuntime,
  ) {
    this.#arguments = this.#allocate(4);
  }

  /**
   * Calls a guest function with a text, UTF-8 without NUL bytes, and returns the text that it returns, or what it threw.
   * Throws EngineFailure where there is no memory for the texts.
   */
  exchange(target: QuickJSHandle, text: Uint8Array): { answer: Uint8Array } | { thrown: QuickJSHandle } {
    const { ffi, module, context } = this.parts;
    const chars = this.#allocate(text.length + 1);
    const room = new Uint8Array(this.memory.buffer, chars, text.length + 1);
    room.set(text);
    room[text.length] = 0;
    const argument = ffi.QTS_NewString(context, chars as OwnedHeapCharPointer);
    module._free(chars);
    new Uint32Array(this.memory.buffer, this.#arguments, 1)[0] = argument;
    const slots = this.#arguments as JSValueConstPointerPointer;
    const result = ffi.QTS_Call(context, target.value, ffi.QTS_GetUndefined(), 1, slots);
    const error = ffi.QTS_ResolveException(context, result);
    ffi.QTS_FreeValuePointer(context, argument);
    if (!error) return { answer: this.#taken(result) };
    ffi.QTS_FreeValuePointer(context, result);
    return { thrown: this.#handle(error) };
  }

  /**
   * Returns a copy of a guest string as UTF-8; a NUL would end it. Throws EngineFailure where there is no memory for it.
   */
  bytes(text: QuickJSHandle): Uint8Array {
    return this.#copied(text.value);
  }

  /**
   * Returns a guest ArrayBuffer of `size` zeros, and its address in `memory`, which stays the same as long as the guest
   * holds it. Throws EngineFailure where there is no memory for it.
   */
  sharedBuffer(size: number): { handle: QuickJSHandle; address: number } {
    const address = this.#allocate(size);
    new Uint8Array(this.memory.buffer, address, size).fill(0);
    return { handle: this.buffer(address, size), address };
  }

  /** Returns a guest ArrayBuffer of `size` bytes of the memory, which the guest must hold for ever where they were not allocated. */
  buffer(address: number, size: number): QuickJSHandle {
    const { ffi, context } = this.parts;
    return this.#handle(ffi.QTS_NewArrayBuffer(context, address as JSVoidPointer, size));
  }

  /** Returns a guest ArrayBuffer with a copy of some bytes. Throws EngineFailure where there is no memory for it. */
  bufferOf(bytes: Uint8Array): QuickJSHandle {
    const address = this.#allocate(bytes.length);
    new Uint8Array(this.memory.buffer, address, bytes.length).set(bytes);
    return this.buffer(address, bytes.length);
  }

  /** Returns a copy of the first `size` bytes of a guest ArrayBuffer, behind `before` and a zero. Throws EngineFailure where it has fewer. */
  bytesOf(buffer: QuickJSHandle, size: number, before: Uint8Array): Uint8Array {
    const { ffi, context } = this.parts;
    const length = ffi.QTS_GetArrayBufferLength(context, buffer.value);
    if (!(size <= length)) throw new EngineFailure(`there are ${length} bytes, not ${size}`);
    const bytes = new Uint8Array(before.length + 1 + size);
    bytes.set(before);
    const address = ffi.QTS_GetArrayBuffer(context, buffer.value);
    bytes.set(new Uint8Array(this.memory.buffer, address, size), before.length + 1);
    return bytes;
  }

  /** Returns a copy of the bytes from `from` to `to` of a guest ArrayBuffer; undefined where it has fewer. */
  part(buffer: QuickJSHandle, from: number, to: number): Uint8Array | undefined {
    const { ffi, context } = this.parts;
    const length = ffi.QTS_GetArrayBufferLength(context, buffer.value);
    if (!(from >= 0 && from <= to && to <= length)) return undefined;
    const address = ffi.QTS_GetArrayBuffer(context, buffer.value);
    return new Uint8Array(this.memory.buffer, address + from, to - from).slice();
  }

  /** Returns the UTF-8 of a guest string of `units` UTF-16 units, without lone surrogates; undefined where there is no memory for it. */
  bytesOfUnits(text: QuickJSHandle, units: number): Uint8Array | undefined {
    const { ffi, context } = this.parts;
    const chars = ffi.QTS_GetString(context, text.value);
    if (!chars) return undefined;
    const heap = new Uint8Array(this.memory.buffer);
    let end: number = chars;
    // A zero may be among them, so the end is where all units have been.
    for (let left = units; left > 0 && end < heap.length; left--) {
      const lead = heap[end] as number;
      end += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      if (lead >= 0xf0) left--;
    }
    const copy = heap.slice(chars, end);
    ffi.QTS_FreeCString(context, chars);
    return copy;
  }

  /** Returns a guest string of UTF-8 without zeros; undefined where there is no memory for it. */
  text(bytes: Uint8Array): QuickJSHandle | undefined {
    const { ffi, context } = this.parts;
    const chars = this.block(bytes.length + 1);
    if (chars === undefined) return undefined;
    const room = new Uint8Array(this.memory.buffer, chars, bytes.length + 1);
    room.set(bytes);
    room[bytes.length] = 0;
    const text = ffi.QTS_NewString(context, chars as OwnedHeapCharPointer);
    this.freeBlock(chars);
    const error = ffi.QTS_ResolveException(context, text);
    if (!error) return this.#handle(text);
    ffi.QTS_FreeValuePointer(context, error);
    ffi.QTS_FreeValuePointer(context, text);
    return undefined;
  }

  /** Returns a guest ArrayBuffer with a copy of some bytes; undefined where there is no memory for it. */
  spareBuffer(bytes: Uint8Array): QuickJSHandle | undefined {
    const address = this.block(bytes.length);
    if (address === undefined) return undefined;
    new Uint8Array(this.memory.buffer, address, bytes.length).set(bytes);
    return this.buffer(address, bytes.length);
  }

  /** Returns the address of `size` bytes that nobody uses until `freeBlock`; undefined where there are none. */
  block(size: number): number | undefined {
    return this.parts.module._malloc(size) || undefined;
  }

  /** Frees what `block` has returned. */
  freeBlock(address: number): void {
    this.parts.module._free(address);
  }

  /** Returns a copy of a guest string that nobody else holds, and frees it. */
  #taken(text: JSValuePointer): Uint8Array {
    const bytes = this.#copied(text);
    this.parts.ffi.QTS_FreeValuePointer(this.parts.context, text);
    return bytes;
  }

  #copied(text: QuickJSHandle["value"]): Uint8Array {
    const { ffi, context } = this.parts;
    const chars = ffi.QTS_GetString(context, text);
    if (!chars) throw new EngineFailure("out of memory");
    const heap = new Uint8Array(this.memory.buffer);
    const copy = heap.slice(chars, heap.indexOf(0, chars));
    ffi.QTS_FreeCString(context, chars);
    return copy;
  }

  #handle(value: JSValuePointer): QuickJSHandle {
    return new Lifetime(value, this.#copy, this.#free, this.runtime) as QuickJSHandle;
  }

  /** Returns the address of `size` bytes of the guest's memory. */
  #allocate(size: number): number {
    const address = this.parts.module._malloc(size);
    if (address === 0) throw new EngineFailure("out of memory");
    return address;
  }
}
