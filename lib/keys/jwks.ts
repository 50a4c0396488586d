import 'server-only';
import type { KeyState } from './states.ts';

/** A public key of Ed25519 as a JWK (RFC 8037); `alg` is the fully specified name of RFC 9864. */
export interface Jwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly use: 'sig';
  readonly alg: 'Ed25519';
  readonly kid: string;
  readonly x: string;
}

/** The keys as a JSON Web Key Set. It cannot say when a key was in force or whom to believe: that is in the trust bundle. Compromised keys are left out. */
export const jwksOf = (keys: readonly KeyState[]): { readonly keys: Jwk[] } => ({
  keys: keys
    .filter(({ state }) => state !== 'compromised')
    .map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', kid, x })),
});
