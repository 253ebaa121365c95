import type { WireFrame } from "../../protocol/bytes.ts";

/** One live WebSocket as the core sees it; implemented by `platform/`. */
export interface Socket {
  /**
   * Queues one frame, whose bytes must not change any more where it is binary; everything queued in one loop turn leaves together and in
   * order. Never throws.
   */
  send(frame: WireFrame): void;
  /** Bytes that were accepted by `send` and have not been handed to the network yet. */
  readonly buffered: number;
  /** Starts the closing handshake after what is queued; a second call does nothing. */
  close(code: number, reason: string): void;
  /** Ends the connection at once; the handler's `close` is still called, once. */
  terminate(): void;
  /** Has another handler hear it from now on; returns the one before. */
  divert(handler: SocketHandler): SocketHandler;
}

/**
 * Sockets that get the same frames; implemented by `platform/` with the runtime's own fan-out where it has one. A frame
 * keeps its place among those that its sockets are sent one by one.
 */
export interface Group {
  /** Takes a socket in unless it has closed; one that closes leaves by itself. */
  add(socket: Socket): void;
  delete(socket: Socket): void;
  /** Queues one frame for every socket of the group but `except`, as `Socket` does. Never throws. */
  send(frame: WireFrame, except?: Socket): void;
}

/** Makes an empty group. */
export type MakeGroup = () => Group;

/** Who listens to a socket; the core gives one to `platform/` for each accepted upgrade. */
export interface SocketHandler {
  /** Called once, before anything else. */
  open(socket: Socket): void;
  /** One frame; a binary frame arrives as bytes. */
  message(socket: Socket, frame: WireFrame): void;
  /** Called exactly once for each `open`, however the connection ended. */
  close(socket: Socket, code: number, reason: string): void;
}
