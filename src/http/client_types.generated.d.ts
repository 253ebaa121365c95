/// <reference lib="esnext.disposable" />
/** The types of hotroom's SDK, made from its sources; docs/CLIENT.md explains them. */
/**
 * One user's conversation with one application, over one connection after the other; `A` is the type of the application's definition, of one
 * in one file that of its room.
 */
export declare class Client<A = unknown, In extends IncomingMap = ApplicationIncoming<A>> {
    #private;
    readonly url: string;
    /** Resolves when the client has ended, however it did: it does not come back. */
    readonly closed: Promise<Closed>;
    /** Messages that are for the user, not for a room. They come after `login` at the earliest. */
    readonly messages: Messages<In>;
    private constructor();
    /** The user, between login and logout. */
    get user(): User | undefined;
    /** The right to come back as this user after the connection was lost; secret. */
    get session(): string | undefined;
    /** `online`; `away` while the connection is lost and what is sent waits; `closed` when the client has ended. */
    get state(): "online" | "away" | "closed";
    /** Trouble to order: for developers. */
    get simulate(): Simulate;
    /** The rooms that the user is in, by name. */
    get rooms(): ReadonlyMap<string, Room<RoomIn<A>>>;
    /** Bytes that wait in this process to be sent. */
    get buffered(): number;
    /** Calls `listener` at each event; returns a function that ends that. */
    on<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): Off;
    /** Calls `listener` at the next event only. */
    once<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): Off;
    /** Removes a listener. */
    off<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents<A>[K]) => void): void;
    /** Logs in with what the application's `login` handler takes; without a handler that is `{ name }`. */
    login(data: LoginData<A>, options?: RequestOptions): Promise<Login>;
    /** Logs out; all rooms end, the connection stays. */
    logout(options?: RequestOptions): Promise<void>;
    /** Makes a room, where the application lets clients do that; who makes it isn't in it yet. */
    create(name: string, ...[room, options]: [...CreateArgument<CreateData<A>>, options?: RequestOptions]): Promise<void>;
    /** Lists the rooms of the application; `more` says that there are others than the answer has. */
    listRooms(list?: ListOptions, options?: RequestOptions): Promise<RoomPage>;
    /**
     * Joins a room; `data` is for the room's `join` handler, a password is its `password`. `D` is the type of the
     * room's definition, `In` may say what arrives. Nothing that the room sends is lost to listeners that are attached
     * right after the `await`, also what its join handler sent before the reply.
     */
    join<D = RoomIn<A>, In extends IncomingMap = IncomingOf<D>>(name: string, ...[data, options]: [...JoinArgument<D>, options?: RequestOptions]): Promise<Room<D, In>>;
    /**
     * Watches a room without being in it; `data` is for the room's `watch` handler, a password is its `password`. What the handler
     * returned is the room's `data`.
     */
    subscribe<D = RoomIn<A>, In extends IncomingMap = IncomingOf<D>>(name: string, ...[data, options]: [...WatchArgument<D>, options?: RequestOptions]): Promise<WatchedRoom<In, WatchedOf<D>>>;
    /**
     * Leaves a room by its name; does nothing where the user isn't in it. One that it is about to join it leaves as soon as it is in:
     * `join` gives a room then that ends.
     */
    leave(name: string, options?: RequestOptions): Promise<void>;
    /** Sends a message to the application's extension without asking for a reply. Throws HotroomClientError: `closed`, `unsendable`, `queue_full`. */
    send<K extends ApplicationTypeOf<A>>(type: K, ...[data]: DataArgument<A, K>): void;
    /** Sends a message to the application's extension and waits for its handler's result. */
    request<K extends ApplicationTypeOf<A>>(type: K, ...[data, options]: [...DataArgument<A, K>, options?: RequestOptions]): Promise<ReplyTo<A, K>>;
    /** Asks the server for an answer; resolves with how long that took, ms. */
    ping(options?: RequestOptions): Promise<number>;
    /**
     * Ends the client, and its session on the server where it is connected: requests that wait are rejected at once, and nothing is
     * delivered any more. Resolves when it has ended.
     */
    close(): Promise<Closed>;
    [Symbol.asyncDispose](): Promise<void>;
}
/**
 * Connects to an application: `ws://127.0.0.1:8080/ws/chat`, or `/ws/chat` in a page of the server. Rejects with
 * HotroomClientError: `connect_failed`, `timeout`, or with the signal's reason.
 */
export declare function connect<A = unknown, In extends IncomingMap = ApplicationIncoming<A>>(address: string | URL, options?: ConnectOptions): Promise<Client<A, In>>;
/** A room of the application, by name and type. */
export interface RoomInfo {
    name: string;
    type: string;
}
/**
 * What happens outside of rooms; messages are not among these, they are heard with `messages.on`. `A` is the type of the application's
 * definition.
 */
export type ClientEvents<A = unknown> = {
    /** The connection was lost; the client comes back by itself, and what is sent meanwhile waits. */
    away: [closed: Closed];
    /** The client is back; what it has missed follows. */
    back: [back: Back];
    /** Something could not be kept while the client was away: ask for it anew. `back` follows. */
    reset: [reset: Reset];
    /** The session is over, for the client was away for too long or the server has restarted. */
    expired: [expired: Expired];
    /** A room was made in the application. */
    room_add: [room: RoomInfo];
    /** A room was closed; a `Room` of it has its `end` event too. */
    room_remove: [room: {
        name: string;
        reason: string | undefined;
    }];
    /** A script has put the user into a room; one that it has left for it has its `end` event before, with the cause `moved`. */
    joined: [room: Room<RoomIn<A>>];
    /** Something has changed in a room of the list that is followed (`listRooms` with `live`), or it is in none any more. */
    room_change: [room: RoomChange];
    /** The application was edited: its scripts, or the pages. Only of a server that runs with `--dev`. */
    edit: [edit: {
        version: string;
    }];
    /** Something failed that nobody waits for: a message sent without asking for a reply, a frame that isn't understood. */
    error: [error: HotroomClientError];
    /** The connection has ended, and the client does not come back; rooms have their `end` events too. */
    close: [closed: Closed];
    /** Each frame as it goes over the wire, before it is handled, a Uint8Array where it is binary: for logs and tools. It may hold secrets. */
    frame: [direction: "in" | "out", frame: string | Uint8Array];
};
/** How to connect, and how to come back. */
export interface ConnectOptions {
    /** Milliseconds to connect, and the default of every request; 10,000 unless given, 0 waits for ever. */
    timeout?: number;
    /** The class to use where the runtime has none (Node before 22), or another is wanted. */
    WebSocket?: WebSocketClass;
    /** Gives up connecting with the signal's reason. */
    signal?: AbortSignal;
    /** Whether the client comes back by itself after the connection was lost, true unless given; or how long it waits before it does. */
    reconnect?: boolean | Partial<BackoffOptions>;
    /** Comes back also while nobody sees the page; unless given, it waits until somebody does. */
    background?: boolean;
    /** Milliseconds in which a connection that has gone silent is found to be dead; 20,000 unless given, 0 never looks. */
    liveness?: number;
    /** How many frames may wait for the server to take them, as while the client is away; 1,000 unless given. */
    queue?: number;
    /**
     * Whether a client whose session has expired logs in again with the data of its last `login()`, and joins its rooms again: true
     * unless given; or what gives the data for it.
     */
    relogin?: Relogin;
    /**
     * Keeps the session in the tab's sessionStorage, so that the user is still there after a reload of the page; a text tells several
     * clients of one page apart.
     */
    store?: boolean | string;
}
/** How long a client waits before it tries to come back; all in ms. */
export interface BackoffOptions {
    /** The first wait is a random part of this. */
    minDelay: number;
    /** No wait is longer than this. */
    maxDelay: number;
    /** Clients of a server that stops come back at random moments within this time. */
    spread: number;
}
/** A frame as it goes over the wire: text, or where its data is bytes a header, a zero and these. */
type SentFrame = string | Uint8Array<ArrayBuffer>;
/** How a connection ended. */
export interface Closed {
    /** A WebSocket close code; docs/PROTOCOL.md has the table of those from 4000 on. */
    code: number;
    reason: string;
}
/** How one request waits. */
export interface RequestOptions {
    /**
     * Milliseconds until it rejects with `timeout`, time in which the client is away included; 0 waits for ever. Where it is not
     * given, `connect`'s timeout holds, and begins anew when the client is back.
     */
    timeout?: number;
    /** Rejects with the signal's reason; what the server does with the request is not undone, unless it is a join. */
    signal?: AbortSignal;
}
/** Trouble to order, for trying out what a page does in it. */
export interface Simulate {
    /** Loses the connection, as by a network: the server keeps the place of the user, and the client comes back by itself. */
    drop(): void;
    /** Lets nothing through for a while, in either direction; longer than the liveness, the client takes the connection for dead. */
    freeze(ms: number): void;
    /** Lets each frame take longer by so much, in each direction; 0 ends that. */
    delay(ms: number): void;
}
/** What the SDK needs of a WebSocket: the standard's one, `ws`'s and undici's fit. */
export interface WebSocketLike {
    readonly protocol: string;
    readonly bufferedAmount: number;
    onopen: ((event: never) => void) | null;
    onmessage: ((event: never) => void) | null;
    onclose: ((event: never) => void) | null;
    onerror: ((event: never) => void) | null;
    binaryType?: unknown;
    send(frame: SentFrame): void;
    close(code?: number, reason?: string): void;
}
/** A WebSocket class; Node has a global one from version 22 on. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;
/** What a room may be made with; `data` is for the application's `create` handler. */
export interface CreateOptions<Data = unknown> {
    type?: string;
    maxUsers?: number;
    password?: string;
    /** Keeps it out of lists and announcements; who knows its name may join it. */
    hidden?: boolean;
    /** What lists tell of it: JSON of at most 1 KB. */
    meta?: unknown;
    data?: Data;
}
/** Arguments of `create` behind the name; the data may be left out where it may be undefined. */
type CreateArgument<Data> = undefined extends Data ? [room?: CreateOptions<Data>] : [room: CreateOptions<Data> & {
    data: Data;
}];
/**
 * Why the client itself gives up, beside the server's codes: there was no reply in time; the connection is closed; it could
 * not be opened; the data can't be written as JSON; the server sent a frame that is not one of this protocol; too many frames wait
 * to be sent; the answer was lost while the client was away.
 */
type LocalCode = "timeout" | "closed" | "connect_failed" | "unsendable" | "bad_frame" | "queue_full" | "reset";
/** What every rejection of the SDK is, unless an AbortSignal gave a reason of its own. */
export declare class HotroomClientError extends Error {
    /** A code of docs/PROTOCOL.md, a `LocalCode`, or one of a newer server. */
    readonly code: ErrorCode | LocalCode | (string & {});
    readonly name = "HotroomClientError";
    constructor(
    /** A code of docs/PROTOCOL.md, a `LocalCode`, or one of a newer server. */
    code: ErrorCode | LocalCode | (string & {}), 
    /** `Cannot join room "lobby": it is full (2 of 2).` */
    message: string, options?: ErrorOptions & {
        room?: string;
        data?: unknown;
    });
    /** The room that the error is about, where it is about one. */
    readonly room: string | undefined;
    /** What the script has given `refuse` besides its reason, where it has. */
    readonly data: unknown;
}
/** Removes a listener; calling it again does nothing. */
export type Off = () => void;
/**
 * What the schemas of a definition say to clients, read off its shape: what arrives, and what joins, logins and requests for rooms take.
 */
/** Data of arriving messages by type. */
type IncomingMap = Record<string, any>;
/** What a client writes where the handler's schema takes `S`: a schema's input, before defaults and transforms. */
type InputOf<S> = TypesOf<S> extends {
    readonly input: infer I;
} ? I : unknown;
/** What a client is sent of what a schema has made, after its way through JSON. */
type SentOf<S> = TypesOf<S> extends {
    readonly output: infer O;
} ? Wired<O> : unknown;
type TypesOf<S> = S extends {
    readonly "~standard": {
        readonly types?: infer T;
    };
} ? NonNullable<T> : unknown;
/** What JSON makes of a value: no functions, and a `toJSON()` (a Date's) is asked. Bytes go beside it, as they are. */
type Wired<T> = unknown extends T ? T : T extends Uint8Array ? Uint8Array : T extends {
    toJSON(): infer J;
} ? Wired<J> : T extends (...args: never[]) => unknown ? never : T extends void ? undefined : T extends object ? {
    [K in keyof T]: Wired<T[K]>;
} : T;
/** The schemas that `defineRoom()` and `defineApplication()` keep as a type. */
type SchemasOf<D> = "~room" extends keyof D ? SchemasIn<D["~room"]> : "~application" extends keyof D ? SchemasIn<D["~application"]> : unknown;
type SchemasIn<P> = NonNullable<P> extends {
    readonly schemas: infer S;
} ? S : unknown;
/** One of these; unknown where the definition has none by that name. */
type SchemaOf<D, Name extends string> = SchemasOf<D> extends {
    readonly [K in Name]: infer S;
} ? S : unknown;
/** Data by type of what a definition's script sends; anything where it does not declare that. */
type SentBy<D> = unknown extends SchemaOf<D, "sends"> ? IncomingMap : [keyof SchemaOf<D, "sends">] extends [never] ? IncomingMap : {
    [K in keyof SchemaOf<D, "sends">]: SentOf<SchemaOf<D, "sends">[K]>;
};
/** What users of a room send that the server passes on, by type: with the id of the sender. */
type RelayedOf<D> = "~room" extends keyof D ? RelayedIn<RelaysIn<D["~room"]>> : Record<never, never>;
type RelaysIn<P> = NonNullable<P> extends {
    readonly messages: infer M;
} ? M : unknown;
type RelayedIn<M> = {
    [K in keyof M as M[K] extends RelayShape ? K : never]: M[K] extends RelayShape<infer T> ? {
        from: string;
        data: Wired<T>;
    } : never;
};
type RelayShape<T = any> = {
    readonly "~relay": {
        readonly data: T;
    };
};
/** Types of both, each by itself: also where one of them is of any type of message. */
type Beside<S, R, Both = S & R> = {
    [K in keyof Both]: K extends keyof R ? R[K] | OwnOf<S, K> : K extends keyof S ? S[K] : never;
};
type OwnOf<S, K> = string extends keyof S ? never : K extends keyof S ? S[K] : never;
/** Data by type of what arrives of a definition's rooms or application. */
type IncomingOf<D> = [keyof RelayedOf<D>] extends [never] ? SentBy<D> : Beside<SentBy<D>, RelayedOf<D>>;
/** Each message of those, as `{ type, data }`. */
type MessageIn<In> = {
    [K in keyof In & string]: {
        type: K;
        data: In[K];
    };
}[keyof In & string];
/** What the server itself reads of the data of a join, besides the handler. */
interface RoomKeys {
    /** The password of a room that has one. */
    password?: string;
    /** The type of a room that the join makes. */
    type?: string;
}
/** Arguments with data for `Name`, which may be left out where they may be undefined, and are anything without a schema. */
type DataFor<D, Name extends string, Beside = unknown> = SchemaOf<D, Name> extends {
    readonly "~standard": unknown;
} ? undefined extends InputOf<SchemaOf<D, Name>> ? [data?: InputOf<SchemaOf<D, Name>> & Beside] : [data: InputOf<SchemaOf<D, Name>> & Beside] : [data?: unknown];
/** What joining a room of a definition takes. */
type JoinArgument<D> = DataFor<D, "join", RoomKeys>;
/** What watching a room of a definition takes. */
type WatchArgument<D> = DataFor<D, "watch", Pick<RoomKeys, "password">>;
/** What the `watch` handler of a definition returns; anything where that is not known. */
type WatchedOf<D> = unknown extends SchemaOf<D, "watched"> ? IncomingMap[string] : Wired<Awaited<SchemaOf<D, "watched">>>;
/** What logging in to an application takes. */
type LoginData<A> = SchemaOf<A, "login"> extends {
    readonly "~standard": unknown;
} ? InputOf<SchemaOf<A, "login">> : unknown;
/** What an application's `create` handler takes as `data`. */
type CreateData<A> = SchemaOf<A, "create"> extends {
    readonly "~standard": unknown;
} ? InputOf<SchemaOf<A, "create">> : unknown;
/** The definition of the rooms of an application in one file, which is a room's. */
type RoomIn<A> = "~room" extends keyof A ? A : unknown;
/** Data by type of what users of an application are sent without a room; of one in one file nothing is known. */
type ApplicationIncoming<A> = "~room" extends keyof A ? IncomingMap : IncomingOf<A>;
/** Which rooms to list. */
export interface ListOptions {
    /** Of this type only. */
    type?: string;
    /** Only those that are neither locked nor full. */
    open?: boolean;
    /** Most rooms in the answer; 100 unless given, at most 1000. */
    limit?: number;
    /** Has `room_change` events told from now on, of all rooms of that type, or ends that. */
    live?: boolean;
}
/** A room of a list. */
export interface ListedRoom {
    name: string;
    type: string;
    users: number;
    /** Infinity where there is no limit. */
    maxUsers: number;
    locked: boolean;
    /** Whether one has to be given. */
    password: boolean;
    /** What the room tells of itself; undefined where it tells nothing. */
    meta: any;
}
/** A room of a list as it is now, or one that has closed or is hidden. */
export type RoomChange = (ListedRoom & {
    gone: false;
}) | {
    name: string;
    type: string;
    gone: true;
};
/** What a list of rooms is answered with. */
export interface RoomPage {
    rooms: ListedRoom[];
    /** Whether there are others. */
    more: boolean;
}
/** How a room ended for this client. */
export interface RoomEnd {
    /**
     * `left`: this client left, unsubscribed or logged out. `kicked`: a script put the user out. `moved`: a script has moved the user
     * to another room. `removed`: the room was closed. `closed`: the connection was, for good. `lost`: the client was away, and is
     * not in the room any more.
     */
    cause: "left" | "kicked" | "moved" | "removed" | "closed" | "lost";
    /** Name of the room that the user was moved to. */
    to?: string | undefined;
    /** The script's or the server's reason, where it gave one. */
    reason?: string | undefined;
}
/** A user of a room. */
export interface Member extends UserData {
    /** False while the user's connection is lost and its place is kept. */
    readonly connected: boolean;
}
/** What happens to a room; messages are not among these, so that no message type can collide with them. */
export type RoomEvents = {
    join: [user: Member];
    leave: [user: Member, reason: string | undefined];
    /** A member's connection was lost; it stays a member, and may come back. */
    disconnect: [user: Member];
    /** A member has come back. */
    reconnect: [user: Member];
    /** Something of the room was missed while the client was away; `users` is right again. */
    reset: [];
    /** The last event of the room. */
    end: [end: RoomEnd];
};
/** A message as it came. */
export interface Message {
    type: string;
    data: any;
}
/** What arrives, by message type. A message that no listener waits for is dropped. */
export declare class Messages<In extends IncomingMap = IncomingMap> implements AsyncIterable<MessageIn<In>> {
    #private;
    /** Calls `listener` with the data of each message of a type. */
    on<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): Off;
    /** Calls `listener` with the data of the next message of a type. */
    once<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): Off;
    /** Removes a listener. */
    off<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): void;
    /** Calls `listener` with each message, after those of its type. */
    onAny(listener: (message: MessageIn<In>) => void): Off;
    /**
     * Resolves with the data of the next message of a type. Rejects with HotroomClientError: `timeout` (by default it waits for
     * ever), `closed`, or with the signal's reason.
     */
    next<K extends keyof In & string>(type: K, { timeout, signal }?: RequestOptions): Promise<In[K]>;
    /** Gives every message from now on, in order, until the room or the connection ends; what isn't read yet waits in memory. */
    [Symbol.asyncIterator](): AsyncIterator<MessageIn<In>, undefined>;
}
/**
 * A room that this client watches without being in it. Lifecycle events are heard with `on`, messages with
 * `messages.on`: no message type can be mistaken for an event.
 */
export declare class WatchedRoom<In extends IncomingMap = IncomingMap, Data = WatchedOf<unknown>> {
    #private;
    readonly name: string;
    readonly type: string;
    readonly messages: Messages<In>;
    /** What the room's `watch` handler returned, for who watches it; undefined for who is in it. */
    get data(): Data;
    /** The members now, in the order in which they joined; empty once the room has ended. */
    get users(): readonly Member[];
    /** How the room ended for this client; undefined while it has not. */
    get ended(): RoomEnd | undefined;
    /** Calls `listener` when somebody else joins, leaves, is away or back, when something was missed, or when the room ends for this client. */
    on<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): Off;
    /** Calls `listener` at the next event only. */
    once<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): Off;
    /** Removes a listener. */
    off<K extends keyof RoomEvents>(event: K, listener: (...args: RoomEvents[K]) => void): void;
    /** Leaves the room, or stops watching it; its `end` event follows. Does nothing where it has ended. */
    leave(options?: RequestOptions): Promise<void>;
}
/** A room that this client's user is in; `D` is the type of the room's definition. */
export declare class Room<D = unknown, In extends IncomingMap = IncomingOf<D>> extends WatchedRoom<In, undefined> {
    /**
     * Sends a message without asking for a reply; where the server refuses it, the client's `error` event says so.
     * While the client is away it waits to be sent. Throws HotroomClientError: `closed`, `unsendable`, `queue_full`.
     */
    send<K extends keyof MessagesOf<D> & string>(type: K, ...[data]: DataArgument<D, K>): void;
    /** Sends a message and waits for its handler's result. Rejects with HotroomClientError: a code of the server, `timeout`, `closed`, `unsendable`, `queue_full`. */
    request<K extends keyof MessagesOf<D> & string>(type: K, ...[data, options]: [...DataArgument<D, K>, options?: RequestOptions]): Promise<ReplyTo<D, K>>;
}
type AnyMessages = Record<string, {
    data: any;
    reply: any;
}>;
/** The third parameter of a handler; a handler without one takes none. */
type DataOf<F> = F extends (...args: infer A) => unknown ? A extends readonly [unknown, unknown, infer D, ...unknown[]] ? D : A extends readonly [unknown, unknown, (infer D)?, ...unknown[]] ? unknown extends D ? undefined : D | undefined : undefined : never;
/** A value after its way through JSON; a handler that returns nothing is answered without data. */
type ReplyOf<F> = F extends (...args: never[]) => infer R ? Wired<Awaited<R>> : never;
/** One entry of `messages`: a function, a schema with one, or what is passed on. */
type ShapeOf<E> = E extends {
    schema: infer S;
    handle: infer F;
} ? {
    data: InputOf<S>;
    reply: ReplyOf<F>;
} : E extends {
    readonly "~relay": {
        readonly data: infer D;
    };
} ? {
    data: D;
    reply: undefined;
} : {
    data: DataOf<E>;
    reply: ReplyOf<E>;
};
/** What a definition's `messages` were: kept as a type by `defineRoom()` and `defineApplication()`, or there as they are. */
type HandlersOf<D> = "~room" extends keyof D ? MessagesIn<D["~room"]> : "~application" extends keyof D ? MessagesIn<D["~application"]> : MessagesIn<D>;
type MessagesIn<P> = NonNullable<P> extends {
    readonly messages?: infer M;
} ? NonNullable<M> : unknown;
/** The messages that a definition takes, by type; anything goes where it has none or there is no definition. */
export type MessagesOf<D> = unknown extends D ? AnyMessages : ShapesOf<HandlersOf<D>>;
type ShapesOf<M> = [keyof M] extends [never] ? AnyMessages : string extends keyof M ? AnyMessages : {
    [K in keyof M]: ShapeOf<M[K]>;
};
/** Names of the messages that a definition takes. */
type TypeOf<D> = keyof MessagesOf<D> & string;
/** Names of the messages that an application takes without a room: one in one file takes none. */
type ApplicationTypeOf<A> = "~room" extends keyof A ? never : TypeOf<A>;
/** Arguments after the type: the data may be left out where it may be undefined. */
type DataArgument<D, K extends TypeOf<D>> = MessagesOf<D>[K] extends {
    data: infer T;
} ? undefined extends T ? [data?: T] : [data: T] : never;
/** What a request is answered with. */
type ReplyTo<D, K extends TypeOf<D>> = MessagesOf<D>[K] extends {
    reply: infer R;
} ? R : never;
/** How a client that has lost its session logs in again: with the same data, or with what a function gives. */
export type Relogin = boolean | (() => unknown);
/** Who is logged in. */
export type User = UserData;
/** What a login gives. */
export interface Login {
    user: User;
    /** The right to come back as this user; secret. */
    session: string;
    /** For how long the server keeps the user's place after a lost connection, ms; 0, or absent, where it doesn't. */
    grace?: number;
    /** `reset` where this login has taken the user over from another client; `client.rooms` has its rooms. */
    outcome?: "resumed" | "reset";
}
/** How a client has come back. */
export interface Back {
    /** `resumed`: nothing is missing. `reset`: something is, the event `reset` has said what. `new`: without a user. */
    outcome: "resumed" | "reset" | "new";
    /** How many frames were missed, which come now. */
    missed: number;
    /** For how long the client was away, ms. */
    away: number;
}
/** What could not be kept while the client was away. */
export interface Reset {
    /** Names of the rooms with a gap; null for what is about no room, replies among it. */
    lost: readonly (string | null)[];
}
/** A session that could not be taken up any more. */
export interface Expired {
    /** Who has logged in again with the same data; undefined where nobody is logged in now. */
    user: User | undefined;
    error: HotroomClientError;
}
/** A user as clients see it. */
interface UserData {
    readonly id: string;
    readonly name: string;
}
/** The codes that servers and clients share: of errors in replies and `error` events, and of closed connections. */
/** Every error code with its meaning; the server sends no other. docs/PROTOCOL.md shows this table. */
declare const errorCodes: {
    readonly bad_frame: "The frame is no JSON object of this protocol, or holds a value that can't be kept.";
    readonly too_large: "The frame is larger than the server takes.";
    readonly rate_limited: "The connection sent more frames, or wrong passwords, than it may; the frame was not handled.";
    readonly busy: "Too many events wait for the script, or for too long; the frame was not handled and may be sent again later.";
    readonly not_logged_in: "The request needs a user, and the connection has not logged in.";
    readonly already_logged_in: "The connection carries a user already; log out first.";
    readonly login_refused: "The application's login handler said no; the message is its reason.";
    readonly invalid_name: "A name breaks the name rule, or a login gives none.";
    readonly invalid_token: "The application asks for a token: there is none, it is not valid, or that of the session has expired.";
    readonly name_taken: "Another user of the application has that name.";
    readonly too_many_users: "The application has as many users as it may have.";
    readonly session_expired: "The session token is unknown, was ended by a logout, or its grace period is over.";
    readonly room_not_found: "The application has no room of that name.";
    readonly room_exists: "The application has a room of that name already.";
    readonly room_type_not_found: "The application has no room type of that name.";
    readonly room_full: "The room has as many users, or watchers, as it may have.";
    readonly room_locked: "The room is locked: no client can join it now.";
    readonly room_closed: "The room closed before the request could be handled.";
    readonly too_many_rooms: "The application has as many rooms as it may have, or no memory for one more; or the user has made, is in or watches as many as it may.";
    readonly wrong_password: "The room has a password, and the one given is missing or is another.";
    readonly create_refused: "The application's create handler said no; the message is its reason.";
    readonly join_refused: "The room's join handler said no; the message is its reason.";
    readonly watch_refused: "The room's watch handler said no; the message is its reason.";
    readonly not_allowed: "The application doesn't let clients do that.";
    readonly already_in_room: "The user is a member of the room already.";
    readonly not_in_room: "The user is not a member of the room.";
    readonly already_subscribed: "The connection watches the room already.";
    readonly not_subscribed: "The connection does not watch the room.";
    readonly no_handler: "The script has no handler for that type of message.";
    readonly invalid_data: "The data does not fit what the handler or the request takes; the message names the path.";
    readonly refused: "A message handler said no; the message is its reason.";
    readonly handler_failed: "The script's handler threw, ran into a limit, or returned what can't be sent.";
    readonly not_saved: "The event could not be saved, so it has not happened; it may be sent again later.";
    readonly application_unavailable: "The application is not loaded, is being removed, or its script can't be run.";
    readonly internal: "The server failed in a way that it has no code for; its log says more.";
};
/** A code of an error, as replies and `error` events carry it. */
type ErrorCode = keyof typeof errorCodes;
/**
 * Returns true if a client should connect again after a close that it did not ask for. The other standard codes say no: 1000
 * is a deliberate end, and after 1002, 1003, 1007–1010 and 1015 the same client would meet the same end.
 */
export declare function mayReconnect(code: number): boolean;
export {};
