// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
// biome-ignore-all lint/suspicious/noConfusingVoidType: a handler that returns nothing is typed as returning void
/** What definitions are, and the types that can be read from them. */
import type { SchemaInput } from "./schema.d.ts";

/** What `defineRoom` returns; `Schemas` are those of `sends`, of `join` and of `watch`, and what the latter returns. */
export interface RoomDefinition<State = any, Messages = any, Schemas = any> {
  /** Never there when the script runs: it carries the types for `StateOf`, `MessagesOf` and clients. */
  readonly "~room"?: { readonly state: State; readonly messages: Messages; readonly schemas: Schemas };
}

/** What `defineApplication` returns; `Schemas` are those of `sends`, of `login` and of `create`. */
export interface ApplicationDefinition<State = any, Messages = any, Schemas = any> {
  /** Never there when the script runs: it carries the types for `StateOf`, `MessagesOf` and clients. */
  readonly "~application"?: { readonly state: State; readonly messages: Messages; readonly schemas: Schemas };
}

/** The state of a definition: `StateOf<typeof import("./rooms/match.ts").default>`. */
export type StateOf<Definition> =
  Definition extends RoomDefinition<infer State, any>
    ? State
    : Definition extends ApplicationDefinition<infer State, any>
      ? State
      : never;

/**
 * The messages of a definition as a client sees them, by type: what to send as `data`, and the `reply`.
 *
 * ```ts
 * import type match from "./extensions/tictactoe/rooms/match.ts";
 * type Messages = MessagesOf<typeof match>; // { move: { data: { cell: number }; reply: { ok: boolean } } }
 * ```
 */
export type MessagesOf<Definition> =
  Definition extends RoomDefinition<any, infer Messages>
    ? MessagesOfHandlers<Messages>
    : Definition extends ApplicationDefinition<any, infer Messages>
      ? MessagesOfHandlers<Messages>
      : never;

/** What a client sends with one message, and what it gets back where it asks for a reply. */
export interface MessageType<Data = any, Reply = any> {
  data: Data;
  reply: Reply;
}

type MessagesOfHandlers<Handlers> = { [Type in keyof Handlers]: MessageOfHandler<Handlers[Type]> };

type MessageOfHandler<Handler> = Handler extends {
  schema: infer Schema;
  handle: (...parameters: any) => infer Reply;
}
  ? MessageType<SchemaInput<Schema>, ReplyOf<Reply>>
  : Handler extends { readonly "~relay": { readonly data: infer Data } }
    ? MessageType<Data, undefined>
    : Handler extends (...parameters: infer Parameters) => infer Reply
      ? MessageType<Parameters extends [any, any, infer Data, ...any] ? Data : any, ReplyOf<Reply>>
      : MessageType;

/** A handler that returns nothing is answered with nothing. */
type ReplyOf<Result> = [Awaited<Result>] extends [void] ? undefined : Awaited<Result>;
