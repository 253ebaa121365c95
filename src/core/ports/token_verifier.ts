import type { JwtSettings } from "../auth/auth_settings.ts";
import type { JsonText } from "./event.ts";

/** What a token says that is what it seems to be. */
export interface Claims {
  /** All of them: a JSON object. */
  readonly text: JsonText;
  /** From when on it is not valid any more, ms since the epoch; absent where it is for ever. */
  readonly expires?: number;
}

/** Finds out whether tokens are what they seem to be. */
export interface TokenVerifier {
  /**
   * Resolves with what a token says. Rejects with HotroomError: `invalid_token`; `application_unavailable` where it can't be told now.
   * `application` is for the log.
   */
  verify(application: string, settings: JwtSettings, token: string): Promise<Claims>;
}
