import { dataText } from "../../../protocol/bytes.ts";
import type { Request } from "../../../protocol/codec.ts";
import { isObject } from "../../../protocol/json_object.ts";
import { isName, nameProblem, nameRule } from "../../../protocol/names.ts";
import type { Application } from "../../application/application.ts";
import { checkToken } from "../../auth/token_check.ts";
import { errorOf, HotroomError, notSaved } from "../../errors.ts";
import type { Effect } from "../../ports/effect.ts";
import type { JsonText } from "../../ports/event.ts";
import type { Outcome } from "../../ports/outcome.ts";
import type { Reservation } from "../../ports/script.ts";
import type { Claims, TokenVerifier } from "../../ports/token_verifier.ts";
import { type Tracing, within } from "../../trace/tracing.ts";
import { beginHearing, takeOver } from "../../user/come_back.ts";
import type { User } from "../../user/user.ts";
import type { Connection } from "../connection.ts";
import type { Peer } from "../peer.ts";

/** What a `login` handler may return, UTF-16 units of JSON: the server itself reads it. */
const MAX_LOGIN_UNITS = 256 * 1024;

/**
 * The login of one connection. What its handler asks for happens only if the login does: all that can hinder it is looked at
 * before, and its name is kept while others have to go first (docs/decisions/0001-order-of-events.md).
 */
export class Login {
  readonly #done = Promise.withResolvers<void>();
  /** What the client's token says, where the application asks for one. */
  #claims: Claims | undefined;

  constructor(
    private readonly application: Application,
    private readonly connection: Connection,
    private readonly request: Request,
    private readonly deps: {
      readonly tokens?: TokenVerifier | undefined;
      readonly tracing?: Tracing | undefined;
    } = {},
  ) {}

  /**
   * Verifies the client's token, where the application asks for one; asks the `login` handler for the user's name and data, without one
   * the client's `data.name` is the name; then makes the user, and replies. Rejects with HotroomError.
   */
  run(): Promise<void> {
    const { application, connection, request } = this;
    const { tokens, tracing } = this.deps;
    const { jwt } = application.settings.auth ?? {};
    if (!jwt) return this.#ask();
    return checkToken(application, connection, jwt, request.data, tokens).then((claims) => {
      if (connection.state !== "open") return;
      // It may have gone meanwhile.
      application.checkExtension("log in");
      this.#claims = claims;
      return within(tracing, request, () => this.#ask());
    });
  }

  #ask(): Promise<void> {
    const { application, connection, request } = this;
    const asked = isObject(request.data) ? request.data.name : undefined;
    if (application.extension) {
      const { address } = connection.peer;
      const headers = shownHeaders(connection.peer, application.settings.headers);
      const data = dataText(request.data);
      const claims = this.#claims && { claims: this.#claims.text };
      const event = { kind: "login" as const, connection: connection.id, data, address, headers, ...claims };
      application.dispatch(event, { before: (outcome) => this.#answered(outcome, asked) });
    } else {
      const decision = this.#try(() => this.#admit(asked, undefined, []));
      if (typeof decision !== "boolean") void decision.settle();
    }
    return this.#done.promise;
  }

  #answered({ failure, value, effects }: Outcome, asked: unknown): boolean | Reservation {
    return this.#try(() => {
      if (failure) throw errorOf(failure, "login_refused");
      if (value !== undefined && value.length > MAX_LOGIN_UNITS) throw tooLong();
      const answer: unknown = value === undefined ? undefined : JSON.parse(value);
      const given: { name?: unknown; data?: unknown; replace?: unknown } = isObject(answer) ? answer : {};
      const { name = asked, data, replace } = given;
      return this.#admit(name, dataText(data), effects, replace === true);
    });
  }

  /** Lets the user in, at once or when those have gone who have to. Throws HotroomError where it can't be let in. */
  #admit(
    name: unknown,
    data: JsonText | undefined,
    effects: readonly Effect[],
    mayReplace = false,
  ): boolean | Reservation {
    if (typeof name !== "string" || !isName(name)) {
      const why = typeof name === "string" ? nameProblem(name) : `the name is missing. ${nameRule}`;
      throw new HotroomError("invalid_name", `Cannot log in: ${why}`);
    }
    const { application, connection } = this;
    const kicked = kickedBy(effects, application);
    const holder = application.names.of(name);
    const canReplace = connection.codec.hasSessions && holder?.session && !holder.removal;
    if (mayReplace && canReplace && !kicked.has(holder)) return this.#replace(holder);
    const crowdedOut = holder ? undefined : this.#crowdedOut(kicked);
    if (crowdedOut) kicked.add(crowdedOut);
    const isVoid = holder?.session?.isUnproven && !holder.isConnected;
    const isGoing = holder && (holder.removal !== undefined || isVoid || isReplacedBy(connection, holder));
    application.checkUser(name, data, isGoing ? kicked.add(holder) : kicked);
    if (crowdedOut) application.sessions.absences.end(crowdedOut);
    // Its client has never had the reply that would let it come back.
    if (isVoid) application.sessions.absences.end(holder);
    // Kicks are of those who were there before: the name may be that of the one who comes.
    const first = effects.findLastIndex(isKick) + 1;
    if (first === 0 && !isGoing && !crowdedOut) return this.#enter(name, data);
    const release = connection.codec.replacesUsers ? () => {} : application.names.keep(name);
    const settle = async () => {
      for (const user of kicked) await user.removal;
      // Nothing may come between the last look and `addUser`: many may wait for one name.
      for (let going = this.#departure(name); going; going = this.#departure(name)) await going;
      release();
      return this.#try(() => this.#enter(name, data));
    };
    return { first, settle };
  }

  /**
   * Returns the removal of whoever is giving a name up: a reloaded page logs in before its old connection is cleared. On a wire
   * where a login takes a user's place, the connection of that user is closed first.
   */
  #departure(name: string): Promise<void> | undefined {
    const { application, connection } = this;
    const user = application.names.of(name);
    if (user && connection.state === "open" && isReplacedBy(connection, user))
      user.connection.close("session_replaced");
    return user?.removal;
  }

  /** Makes the user, and replies. Returns false if there is nobody any more to log in. */
  #enter(name: string, data: JsonText | undefined): boolean {
    const { application, connection, request } = this;
    if (connection.state === "open") {
      const user = application.addUser(connection, name, data);
      user.expires = this.#claims?.expires;
      const text = JSON.stringify({ user: user.data, ...this.#begun() });
      const { durable } = application.sessions;
      if (durable && user.session) return this.#enterKept(user, durable.saved(), text);
      connection.reply(request, text);
    }
    this.#done.resolve();
    return connection.state === "open";
  }

  /** Tells the client that it is in once that is kept, which it is with what its handler asks for. Returns true. */
  #enterKept(user: User, saved: Promise<boolean>, text: string): true {
    const { application, connection, request } = this;
    void saved.then((isSaved) => {
      if (isSaved) beginHearing(application, connection, user, () => connection.reply(request, text));
      else if (!user.removal) {
        this.#done.reject(notSaved("log in"));
        void application.logout(user);
      }
      this.#done.resolve();
    });
    return true;
  }

  /** Takes over who has the name. Returns false if there is nobody any more to log in. */
  #replace(holder: User): boolean {
    const { application, connection, request } = this;
    holder.expires = this.#claims?.expires;
    const taking = connection.state === "open" && takeOver(application, connection, holder, request);
    if (taking) taking.then(this.#done.resolve, this.#done.reject);
    else this.#done.resolve();
    return connection.state === "open";
  }

  /** Returns who has been away for the longest time and is to go, where there would be too many users: who is here goes first. */
  #crowdedOut(going: ReadonlySet<User>): User | undefined {
    const { users, settings, sessions } = this.application;
    return users.size - going.size < settings.maxUsers ? undefined : sessions.absences.first;
  }

  /** Returns what the client is told of the session that has begun; nothing on a wire without sessions. */
  #begun() {
    const { application, connection, request } = this;
    const { session } = connection;
    if (!session) return {};
    connection.carry(session, request);
    return {
      session: application.sessions.renew(session),
      grace: application.sessions.grace,
      ...session.told,
    };
  }

  /** Returns what `step` does; false where it throws, which ends the login. */
  #try<T>(step: () => T | false): T | false {
    try {
      return step();
    } catch (error) {
      this.#done.reject(error);
      return false;
    }
  }
}

/** Returns true if a login by a connection takes the place of a user, as it does on wires that say so, of users of the same one. */
function isReplacedBy({ codec }: Connection, user: User): boolean {
  // On other wires nobody has agreed to be put out by whoever gives their name.
  return codec.replacesUsers === true && user.connection.codec === codec;
}

function isKick({ kind }: Effect): boolean {
  return kind === "kick" || kind === "kickApplication";
}

function kickedBy(effects: readonly Effect[], application: Application): Set<User> {
  const users = new Set<User>();
  for (const effect of effects) {
    if (effect.kind !== "kick" && effect.kind !== "kickApplication") continue;
    const user = application.userOf(effect.user);
    if (user) users.add(user);
  }
  return users;
}

function tooLong(): HotroomError {
  const message = `Cannot log in: what its handler returned is longer than ${MAX_LOGIN_UNITS} characters.`;
  return new HotroomError("handler_failed", message);
}

/** Returns the headers that the application chooses now: the connection may be from before an edit, or of another one's choice. */
function shownHeaders({ headers }: Peer, names: readonly string[] = []): Record<string, string> {
  const shown = names.filter((name) => Object.hasOwn(headers, name));
  return Object.fromEntries(shown.map((name) => [name, headers[name] ?? ""]));
}
