/** Certificates for 127.0.0.1 and localhost that sign themselves, made by OpenSSL. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { makeFolder } from "./harness.ts";

/** Why no certificate can be made on this machine; undefined where it can. */
export const noCertificates = Bun.which("openssl") ? undefined : "there is no openssl on the PATH";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate of that name. */
export function makeCertificate(name: string): Certificate {
  const folder = makeFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const { status, stderr } = spawnSync("openssl", [...kind, ...names, "-keyout", key, "-out", cert], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot make a certificate:\n${stderr}`);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

/** Resolves with the name in the certificate that a port shows. */
export function shownBy(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject?.CN));
      socket.end();
    });
    socket.once("error", reject);
  });
}
