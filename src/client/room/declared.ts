/**
 * What the schemas of a definition say to clients, read off its shape: what arrives, and what joins, logins and requests for rooms take.
 */

/** Data of arriving messages by type. */
// biome-ignore lint/suspicious/noExplicitAny: of definitions without `sends` nothing is known; a caller may read it, as JSON.parse's.
export type IncomingMap = Record<string, any>;

/** What a client writes where the handler's schema takes `S`: a schema's input, before defaults and transforms. */
export type InputOf<S> = TypesOf<S> extends { readonly input: infer I } ? I : unknown;

/** What a client is sent of what a schema has made, after its way through JSON. */
type SentOf<S> = TypesOf<S> extends { readonly output: infer O } ? Wired<O> : unknown;

type TypesOf<S> = S extends { readonly "~standard": { readonly types?: infer T } } ? NonNullable<T> : unknown;

/** What JSON makes of a value: no functions, and a `toJSON()` (a Date's) is asked. Bytes go beside it, as they are. */
export type Wired<T> = unknown extends T
  ? T
  : T extends Uint8Array
    ? Uint8Array
    : T extends { toJSON(): infer J }
      ? Wired<J>
      : T extends (...args: never[]) => unknown
        ? never
        : T extends void
          ? undefined
          : T extends object
            ? { [K in keyof T]: Wired<T[K]> }
            : T;

/** The schemas that `defineRoom()` and `defineApplication()` keep as a type. */
type SchemasOf<D> = "~room" extends keyof D
  ? SchemasIn<D["~room"]>
  : "~application" extends keyof D
    ? SchemasIn<D["~application"]>
    : unknown;

type SchemasIn<P> = NonNullable<P> extends { readonly schemas: infer S } ? S : unknown;

/** One of these; unknown where the definition has none by that name. */
type SchemaOf<D, Name extends string> = SchemasOf<D> extends { readonly [K in Name]: infer S } ? S : unknown;

/** Data by type of what a definition's script sends; anything where it does not declare that. */
type SentBy<D> =
  unknown extends SchemaOf<D, "sends">
    ? IncomingMap
    : [keyof SchemaOf<D, "sends">] extends [never]
      ? IncomingMap
      : { [K in keyof SchemaOf<D, "sends">]: SentOf<SchemaOf<D, "sends">[K]> };

/** What users of a room send that the server passes on, by type: with the id of the sender. */
type RelayedOf<D> = "~room" extends keyof D ? RelayedIn<RelaysIn<D["~room"]>> : Record<never, never>;

type RelaysIn<P> = NonNullable<P> extends { readonly messages: infer M } ? M : unknown;

type RelayedIn<M> = {
  [K in keyof M as M[K] extends RelayShape ? K : never]: M[K] extends RelayShape<infer T>
    ? { from: string; data: Wired<T> }
    : never;
};

// biome-ignore lint/suspicious/noExplicitAny: any data fit.
type RelayShape<T = any> = { readonly "~relay": { readonly data: T } };

/** Types of both, each by itself: also where one of them is of any type of message. */
type Beside<S, R, Both = S & R> = {
  [K in keyof Both]: K extends keyof R ? R[K] | OwnOf<S, K> : K extends keyof S ? S[K] : never;
};

type OwnOf<S, K> = string extends keyof S ? never : K extends keyof S ? S[K] : never;

/** Data by type of what arrives of a definition's rooms or application. */
export type IncomingOf<D> = [keyof RelayedOf<D>] extends [never]
  ? SentBy<D>
  : Beside<SentBy<D>, RelayedOf<D>>;

/** Each message of those, as `{ type, data }`. */
export type MessageIn<In> = { [K in keyof In & string]: { type: K; data: In[K] } }[keyof In & string];

/** What the server itself reads of the data of a join, besides the handler. */
interface RoomKeys {
  /** The password of a room that has one. */
  password?: string;
  /** The type of a room that the join makes. */
  type?: string;
}

/** Arguments with data for `Name`, which may be left out where they may be undefined, and are anything without a schema. */
type DataFor<D, Name extends string, Beside = unknown> =
  SchemaOf<D, Name> extends {
    readonly "~standard": unknown;
  }
    ? undefined extends InputOf<SchemaOf<D, Name>>
      ? [data?: InputOf<SchemaOf<D, Name>> & Beside]
      : [data: InputOf<SchemaOf<D, Name>> & Beside]
    : [data?: unknown];

/** What joining a room of a definition takes. */
export type JoinArgument<D> = DataFor<D, "join", RoomKeys>;

/** What watching a room of a definition takes. */
export type WatchArgument<D> = DataFor<D, "watch", Pick<RoomKeys, "password">>;

/** What the `watch` handler of a definition returns; anything where that is not known. */
export type WatchedOf<D> =
  unknown extends SchemaOf<D, "watched"> ? IncomingMap[string] : Wired<Awaited<SchemaOf<D, "watched">>>;

/** What logging in to an application takes. */
export type LoginData<A> =
  SchemaOf<A, "login"> extends { readonly "~standard": unknown } ? InputOf<SchemaOf<A, "login">> : unknown;

/** What an application's `create` handler takes as `data`. */
export type CreateData<A> =
  SchemaOf<A, "create"> extends { readonly "~standard": unknown } ? InputOf<SchemaOf<A, "create">> : unknown;

/** The definition of the rooms of an application in one file, which is a room's. */
export type RoomIn<A> = "~room" extends keyof A ? A : unknown;

/** Data by type of what users of an application are sent without a room; of one in one file nothing is known. */
export type ApplicationIncoming<A> = "~room" extends keyof A ? IncomingMap : IncomingOf<A>;
