import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { TokenVerifier } from "../core/ports/token_verifier.ts";

/** Returns what verifies tokens, which is loaded by the first login that has one (docs/decisions/0018-tokens.md). */
export function tokenVerifier(clock: Clock, log: Log): TokenVerifier {
  const variable = (name: string) => process.env[name];
  const load = async () => {
    const { JwtVerifier } = await import("./jwt_verifier.ts");
    return new JwtVerifier({ clock, log, variable });
  };
  let loaded: Promise<TokenVerifier> | undefined;
  return {
    verify: async (...login) => {
      loaded ??= load();
      return (await loaded).verify(...login);
    },
  };
}
