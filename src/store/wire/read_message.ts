import { Buffer } from "node:buffer";
import type { Message } from "./message.ts";

/** A message as it was read: the bytes of its text, which may be written over when the next ones are read. */
export class ReadMessage implements Message {
  constructor(
    readonly kind: number,
    readonly id: number,
    readonly bytes: Uint8Array,
  ) {}

  get text(): string {
    return textOf(this.bytes);
  }
}

/** Returns the text of which these are the bytes. */
export function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}
