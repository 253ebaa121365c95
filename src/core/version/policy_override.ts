import type { Settings } from "../application/settings.ts";

/** What a live room does at an edit. */
export type ReloadPolicy = Settings["reload"];

/** A policy that was set at run time; it counts for as long as the settings say what they said then. */
export class PolicyOverride {
  #set: { readonly is: ReloadPolicy; readonly instead: ReloadPolicy } | undefined;

  /** Sets a policy in the place of the one that the settings have. */
  set(is: ReloadPolicy, instead: ReloadPolicy): void {
    this.#set = { is, instead };
  }

  /** Returns the policy that counts where the settings have `reload`. */
  over(reload: ReloadPolicy): ReloadPolicy {
    return this.#set?.instead === reload ? this.#set.is : reload;
  }
}
