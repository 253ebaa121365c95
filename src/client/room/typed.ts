/**
 * What a definition says about its messages, read off its shape: this file knows no type of the script's side, so
 * that the SDK needs none.
 */
import type { InputOf, Wired } from "./declared.ts";

/** A message type as a client sees it: what it sends, and what a request for it is answered with. */
export interface MessageShape {
  data: unknown;
  reply: unknown;
}

/** Message types by name. */
export type MessageMap = Record<string, MessageShape>;

// biome-ignore lint/suspicious/noExplicitAny: without a definition nothing is known, and everything may be sent.
type AnyMessages = Record<string, { data: any; reply: any }>;

/** The third parameter of a handler; a handler without one takes none. */
type DataOf<F> = F extends (...args: infer A) => unknown
  ? A extends readonly [unknown, unknown, infer D, ...unknown[]]
    ? D
    : A extends readonly [unknown, unknown, (infer D)?, ...unknown[]]
      ? unknown extends D
        ? undefined
        : D | undefined
      : undefined
  : never;

/** A value after its way through JSON; a handler that returns nothing is answered without data. */
type ReplyOf<F> = F extends (...args: never[]) => infer R ? Wired<Awaited<R>> : never;

/** One entry of `messages`: a function, a schema with one, or what is passed on. */
type ShapeOf<E> = E extends { schema: infer S; handle: infer F }
  ? { data: InputOf<S>; reply: ReplyOf<F> }
  : E extends { readonly "~relay": { readonly data: infer D } }
    ? { data: D; reply: undefined }
    : { data: DataOf<E>; reply: ReplyOf<E> };

/** What a definition's `messages` were: kept as a type by `defineRoom()` and `defineApplication()`, or there as they are. */
type HandlersOf<D> = "~room" extends keyof D
  ? MessagesIn<D["~room"]>
  : "~application" extends keyof D
    ? MessagesIn<D["~application"]>
    : MessagesIn<D>;

type MessagesIn<P> = NonNullable<P> extends { readonly messages?: infer M } ? NonNullable<M> : unknown;

/** The messages that a definition takes, by type; anything goes where it has none or there is no definition. */
export type MessagesOf<D> = unknown extends D ? AnyMessages : ShapesOf<HandlersOf<D>>;

type ShapesOf<M> = [keyof M] extends [never]
  ? AnyMessages
  : string extends keyof M
    ? AnyMessages
    : { [K in keyof M]: ShapeOf<M[K]> };

/** Names of the messages that a definition takes. */
export type TypeOf<D> = keyof MessagesOf<D> & string;

/** Names of the messages that an application takes without a room: one in one file takes none. */
export type ApplicationTypeOf<A> = "~room" extends keyof A ? never : TypeOf<A>;

/** Arguments after the type: the data may be left out where it may be undefined. */
export type DataArgument<D, K extends TypeOf<D>> = MessagesOf<D>[K] extends { data: infer T }
  ? undefined extends T
    ? [data?: T]
    : [data: T]
  : never;

/** What a request is answered with. */
export type ReplyTo<D, K extends TypeOf<D>> = MessagesOf<D>[K] extends { reply: infer R } ? R : never;
