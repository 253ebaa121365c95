import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { messageOf } from "../../core/errors.ts";

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The files that a certificate and its key are in. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Bytes of a file that are read: chains have some thousands. */
const MOST_BYTES = 256 * 1024;

/** Reads a certificate; rejects with an Error that names the file, where one can't be read, is not what it should be, or the key is another certificate's. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const cert = await readText(files.cert);
  const key = await readText(files.key);
  const certificate = parsed(files.cert, "certificate", () => new X509Certificate(cert));
  const own: KeyObject = parsed(files.key, "key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(own))
    throw new Error(`the key in ${files.key} is not that of the certificate in ${files.cert}`);
  return { cert, key };
}

/** Returns whose a certificate is, and until when: `CN=chat.example.com, until 2026-12-29`. */
export function describeCertificate({ cert }: Certificate): string {
  const { subject, subjectAltName, validToDate } = new X509Certificate(cert);
  const whose = (subjectAltName ?? subject ?? "nobody").replaceAll("\n", ", ");
  return `${whose}, until ${validToDate.toISOString().slice(0, 10)}`;
}

/** Returns true if a certificate's time is over. */
export function hasExpired({ cert }: Certificate, now: number): boolean {
  return new X509Certificate(cert).validToDate.getTime() < now;
}

async function readText(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MOST_BYTES + 1) });
    if (bytesRead > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    throw new Error(`${path} can't be read: ${messageOf(error)}`);
  } finally {
    await file?.close();
  }
}

function parsed<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`there is no ${what} in ${path} (PEM): ${messageOf(error)}`);
  }
}
