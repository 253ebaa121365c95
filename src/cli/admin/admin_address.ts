import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ClientRequest, type RequestOptions, request } from "node:http";
import { request as requestByTls } from "node:https";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { messageOf } from "../../core/errors.ts";

/** Where a running server's admin API is. */
export interface AdminAddress {
  /** `http://127.0.0.1:8080` or `unix:/run/hotroom/hotroom.sock`, without a slash at its end. */
  readonly url: string;
  readonly token?: string;
  /** The certificate that the server shows, or that of its authority; PEM. Without it what the system trusts counts. */
  readonly certificate?: string;
}

/** What is asked of the API. */
export interface AdminRequest {
  readonly method: string;
  /** Behind the server's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What it answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

/** Bytes of an answer that are read, where `fetch` does not read it. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What addresses of unix sockets begin with; their path is the rest. */
const UNIX = "unix:";

/** Reads a certificate; throws an Error that names the file. */
export function certificateIn(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new Error(`Cannot use the certificate in ${file}: ${messageOf(error)}.`);
  }
}

/** Asks the server at an address; rejects where it can't be reached, or shows another certificate. */
export async function reach({ url, certificate }: AdminAddress, asked: AdminRequest): Promise<AdminAnswer> {
  const { method, path, headers, body } = asked;
  if (url.startsWith(UNIX)) {
    const socketPath = url.slice(UNIX.length);
    return answerTo(request({ socketPath, method, path, headers: { ...headers, host: "localhost" } }), body);
  }
  if (certificate !== undefined)
    return answerTo(requestByTls({ ...byCertificate(url, certificate), method, path, headers }), body);
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}

/** Returns how a server is connected to by its address, and known by the name in its certificate, which may be its own authority. */
function byCertificate(url: string, cert: string): RequestOptions {
  const { hostname, port } = new URL(url);
  const name = new X509Certificate(cert).subjectAltName?.match(/\bDNS:([^,\s]+)/)?.[1];
  const host = hostname.replace(/^\[|\]$/g, "");
  // One name stands for those that a certificate for `*.example.com` is for.
  const servername = name?.replace("*", "hotroom") ?? (isIP(host) === 0 ? host : "");
  const tls = { servername, ca: [...rootCertificates, cert] };
  return { host, port: port || 443, ...tls };
}

/** Sends a request; resolves with the answer. `fetch` knows sockets and names of their own on neither runtime in the same way. */
function answerTo(asking: ClientRequest, body: string | undefined): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    asking.on("error", reject);
    asking.on("response", (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) asking.destroy(new Error(`its answer has more than ${MOST_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asking.end(body);
  });
}
