import { stat } from "node:fs/promises";
import { setInterval } from "node:timers";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import {
  type Certificate,
  type CertificateFiles,
  describeCertificate,
  hasExpired,
  readCertificate,
} from "./certificate.ts";

/** How often it is looked at whether the files have changed, ms. */
const LOOK_MS = 1_000;

/** What a watch needs. */
export interface CertificateWatchOptions {
  readonly files: CertificateFiles;
  readonly log: Log;
  /** Shows a certificate to those who connect from now on; rejects where the runtime does not take it. */
  use(certificate: Certificate): Promise<void>;
}

/**
 * Looks after the files of the certificate that a server shows, and has what is new in them used. It looks at them again and again, since whoever
 * renews certificates writes, renames or links them elsewhere, of which watching a folder tells too little.
 */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #current: Certificate;
  /** The state of the files that was taken or found wrong, and the one of the last look: two that are written one after the other are no pair between. */
  #judged: string | undefined;
  #seen: string | undefined;
  #looking = false;

  /** `current` is what was read at the start. */
  constructor(current: Certificate, options: CertificateWatchOptions) {
    this.#options = options;
    this.#current = current;
    this.#warnOfTime();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { files } = this.#options;
    const state = `${await stateOf(files.cert)} ${await stateOf(files.key)}`;
    const isQuiet = state === this.#seen;
    this.#seen = state;
    if (isQuiet && state !== this.#judged) {
      this.#judged = state;
      await this.#renew();
    }
    this.#looking = false;
  }

  /** Takes what is in the files now; what can't be used is told, and changes nothing. */
  async #renew(): Promise<void> {
    const { files, log, use } = this.#options;
    try {
      const found = await readCertificate(files);
      if (found.cert === this.#current.cert && found.key === this.#current.key) return;
      await use(found);
      this.#current = found;
      log("info", `The certificate has changed: ${describeCertificate(found)}`);
      this.#warnOfTime();
    } catch (error) {
      log("error", `Cannot use the new certificate, the one before stays: ${messageOf(error)}`);
    }
  }

  #warnOfTime(): void {
    if (!hasExpired(this.#current, Date.now())) return;
    this.#options.log("warn", `The certificate is over: ${describeCertificate(this.#current)}`);
  }
}

/** Resolves with a text that is another one when the file has changed; links are followed. */
async function stateOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs, ctimeMs].join(":");
  } catch (error) {
    return messageOf(error);
  }
}
