import type { Build } from "../ports/build.ts";

/** Numbers the versions of applications on, where some were numbered before the server was started: `v17` is followed by `v18`. */
export class VersionNumbers {
  /** By application, how far its versions are ahead of its builds; undefined until the first build has come. */
  readonly #ahead = new Map<string, number | undefined>();
  readonly #last = new Map<string, number>();

  /** Goes on behind the version of that name, in an application of which no build has come. */
  goOn(application: string, last: string): void {
    if (this.#ahead.has(application)) return;
    this.#ahead.set(application, undefined);
    this.#last.set(application, numberOf(last));
  }

  /** Returns a build with the name that it has as a version; `running` is the one that runs, whose content has its name. */
  numbered(build: Build, running: Build | undefined): Build {
    const { application, hash, version } = build;
    const last = this.#last.get(application);
    if (last === undefined) return build;
    const number = numberOf(version);
    const own = running?.hash === hash ? numberOf(running.version) : last + 1;
    const ahead = this.#ahead.get(application) ?? own - number;
    this.#ahead.set(application, ahead);
    this.#last.set(application, Math.max(last, number + ahead));
    return { ...build, version: version.replace(/^v\d+/, `v${number + ahead}`) };
  }
}

/** Returns 17 of `v17·3fa9c1`. */
function numberOf(version: string): number {
  return Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
}
