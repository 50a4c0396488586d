import 'server-only';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** The files of a target, read. */
export interface TlsMaterial {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/** Reads the certificates that `target` names. Throws `relay-tls` with the file's name when one cannot be read or is not what it should be. */
export function readTlsMaterial(target: RelayTarget): TlsMaterial {
  const { tlsCaFile, tlsCertFile, tlsKeyFile } = target;
  if (Boolean(tlsCertFile) !== Boolean(tlsKeyFile)) {
    throw new CausewayError('relay-tls', 'A client certificate needs both a certificate file and a key file.');
  }
  return {
    ca: tlsCaFile ? certificate('CA certificate', tlsCaFile) : undefined,
    cert: tlsCertFile ? certificate('client certificate', tlsCertFile) : undefined,
    key: tlsKeyFile ? read('client key', tlsKeyFile) : undefined,
  };
}

export function channelCredentials(target: RelayTarget): ChannelCredentials {
  if (!target.tls) return credentials.createInsecure();
  const { ca, cert, key } = readTlsMaterial(target);
  try {
    return credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
  } catch (error) {
    throw new CausewayError('relay-tls', `The TLS files do not fit together: ${messageOf(error)}`, { cause: error });
  }
}

function certificate(what: string, file: string): Buffer {
  const bytes = read(what, file);
  try {
    new X509Certificate(bytes);
  } catch (error) {
    throw new CausewayError('relay-tls', `The ${what} ${file} is not a PEM certificate.`, { cause: error });
  }
  return bytes;
}

function read(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CausewayError('relay-tls', `The ${what} ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
