import { isObject } from "../../protocol/json_object.ts";
import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import { HotroomError } from "../errors.ts";
import type { Claims, TokenVerifier } from "../ports/token_verifier.ts";
import type { JwtSettings } from "./auth_settings.ts";

/**
 * Resolves with what the token of a login says. Rejects with HotroomError: `invalid_token`, also where there is none;
 * `application_unavailable`. A client whose tokens are none is closed where others have tried as well.
 */
export async function checkToken(
  application: Application,
  connection: Connection,
  settings: JwtSettings,
  data: unknown,
  tokens: TokenVerifier | undefined,
): Promise<Claims> {
  const token = isObject(data) ? data.token : undefined;
  if (typeof token !== "string")
    throw new HotroomError("invalid_token", "Cannot log in: the application asks for a token (data.token).");
  if (!tokens)
    throw new HotroomError("application_unavailable", "Cannot log in: tokens can't be verified here.");
  try {
    return await tokens.verify(application.name, settings, token);
  } catch (error) {
    if (error instanceof HotroomError && error.code === "invalid_token") connection.guessed();
    throw error;
  }
}
