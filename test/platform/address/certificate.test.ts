/** What stands in the files of a certificate. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  describeCertificate,
  hasExpired,
  readCertificate,
} from "../../../src/platform/address/certificate.ts";
import { makeCertificate, noCertificates } from "../../e2e/certificates.ts";
import { makeFolder } from "../../e2e/harness.ts";

if (noCertificates) test.skip(`certificates: skipped, ${noCertificates}`, () => {});
else {
  const [one, two] = [makeCertificate("one"), makeCertificate("two")];
  const folder = makeFolder({
    "cert.pem": one.cert,
    "key.pem": one.key,
    "other.pem": two.key,
    "large.pem": one.cert.padEnd(300_000, "\n"),
  });
  const read = (cert: string, key: string) =>
    readCertificate({ cert: join(folder, cert), key: join(folder, key) });

  test("a pair is read as it is, and told by its names and its time", async () => {
    const found = await read("cert.pem", "key.pem");
    expect(found).toEqual(one);
    expect(describeCertificate(found)).toMatch(
      /^DNS:localhost, IP Address:127\.0\.0\.1, until 2\d\d\d-\d\d-\d\d$/,
    );
    expect(hasExpired(found, Date.now())).toBe(false);
    expect(hasExpired(found, Date.now() + 3 * 86_400_000)).toBe(true);
  });

  test.each([
    ["cert.pem", "other.pem", /^the key in .*other\.pem is not that of the certificate in .*cert\.pem$/],
    ["key.pem", "key.pem", /^there is no certificate in .*key\.pem \(PEM\)/],
    ["cert.pem", "cert.pem", /^there is no key in .*cert\.pem \(PEM\)/],
    ["nowhere.pem", "key.pem", /^.*nowhere\.pem can't be read/],
    ["large.pem", "key.pem", /^.*large\.pem can't be read: it has more than 262144 bytes$/],
  ])("%s with %s is refused, and the file is named", async (cert, key, message) => {
    await expect(read(cert, key)).rejects.toThrow(message);
  });
}
