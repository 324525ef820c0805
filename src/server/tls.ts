/** Who the server is, and who may talk to it. */

import { constants } from 'node:crypto';
import type { Server, ServerOptions } from 'node:https';
import { createSecureContext, type TLSSocket } from 'node:tls';

export interface Certificate {
  /** PEM: the leaf, then whatever stands between it and the CA. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** Whose certificates clients must show on `/validate` and `/mutate`; probes need none. */
export interface ClientCheck {
  /** PEM, one or more. */
  readonly ca: string;
  /** Common names, or DNS names among the subject's alternative names. Absent: every certificate of that CA. */
  readonly names?: readonly string[];
}

/** API servers speak HTTP/1.1 to webhooks of Services, and one protocol is half of what can go wrong. */
const ALPN = ['http/1.1'];

export function tlsOptions(certificate: Certificate, client: ClientCheck | undefined): ServerOptions {
  return {
    ...contextOptions(certificate, client),
    ALPNProtocols: ALPN,
    // A handshake that fails for want of a certificate would fail probes too: each request is checked instead.
    requestCert: client !== undefined,
    rejectUnauthorized: false,
  };
}

/** Throws when certificate and key do not belong together; the server then keeps those it has. */
export function replaceCertificate(
  server: Server,
  certificate: Certificate,
  client: ClientCheck | undefined,
): void {
  const options = contextOptions(certificate, client);
  createSecureContext(options);
  server.setSecureContext(options);
}

function contextOptions({ cert, key }: Certificate, client: ClientCheck | undefined) {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2' as const,
    // A resumed session keeps what was found of the client then; with a new CA it has to be asked again.
    ...(client === undefined ? {} : { ca: client.ca, secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

/** Asks once for each connection. */
export function createClientCheck(client: ClientCheck | undefined): (socket: TLSSocket) => boolean {
  if (client === undefined) return () => true;
  const known = new WeakMap<TLSSocket, boolean>();
  const names = client.names === undefined ? null : new Set(client.names);
  return (socket) => {
    let allowed = known.get(socket);
    if (allowed === undefined) {
      allowed = socket.authorized && (names === null || namesOf(socket).some((name) => names.has(name)));
      known.set(socket, allowed);
    }
    return allowed;
  };
}

function namesOf(socket: TLSSocket): string[] {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return [];
  const { subject, subjectAltName = '' } = certificate;
  const common = subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice(3)] : []));
  // Node quotes what holds a comma, so that no name can pass for two.
  const others = subjectAltName
    .split(', ')
    .flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4)] : []));
  return [...common, ...others];
}
