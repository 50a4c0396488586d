import * as z from 'zod';
import { CausewayError } from '#lib/errors/errors.ts';
import { fromBase64Url } from './base64.ts';
import { canonicalBytes } from './canonical.ts';
import { preAuthEncoding } from './dsse.ts';
import { keyOfJwkX, keyProblem, type PublicKey, thumbprint, type VerifyEd25519 } from './public-key.ts';
import { isKeyName } from './note.ts';
import { parseStrictJson } from './strict-json.ts';

const Moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/, 'a time in UTC');

/** A key of the console: receipts are signed by one role, heads of the log by another. */
const TrustedKey = z.strictObject({
  kid: z.string(),
  role: z.enum(['receipt', 'checkpoint']),
  /** Public key, base64url, as in a JWK. */
  x: z.string(),
  valid_from: Moment,
  valid_to: Moment.optional(),
  state: z.enum(['pending', 'active', 'retired', 'compromised']),
  /** What was signed later proves nothing, whatever it says of its own time. */
  compromised_at: Moment.optional(),
});

const Written = z.strictObject({
  schema: z.literal('causeway.trust/1'),
  issued_at: Moment,
  /** Log of each cluster: the first line of its checkpoints, which is the name of its key in notes as well. */
  origins: z
    .array(z.strictObject({ cluster_id: z.string(), origin: z.string() }))
    .min(1)
    .max(1000),
  keys: z.array(TrustedKey).min(1).max(200),
  witnesses: z.array(z.strictObject({ name: z.string(), x: z.string() })).max(50),
  /** Witnesses that must have seen a head. */
  quorum: z.int().min(0).max(50),
  /** By the root, over everything else; whoever pins the file by other means may leave it out. */
  signature: z.strictObject({ alg: z.literal('Ed25519'), kid: z.string(), sig: z.string() }).optional(),
});
export type TrustFile = z.infer<typeof Written>;

export interface TrustKey extends Omit<z.infer<typeof TrustedKey>, 'x'> {
  readonly key: PublicKey;
}

/** Whom to believe: read from a file that came by a way of its own, never from what is verified. */
export interface Trust {
  readonly file: TrustFile;
  readonly keys: ReadonlyMap<string, TrustKey>;
  readonly origins: ReadonlyMap<string, string>;
  readonly witnesses: ReadonlyMap<string, PublicKey>;
  readonly quorum: number;
}

/** Type of what the root signs. */
const TRUST_TYPE = 'application/vnd.causeway.trust.v1+json';

/** What the root's signature is over: everything of the bundle but the signature. */
export function trustToSign({ signature: _signature, ...signed }: TrustFile): Uint8Array {
  return preAuthEncoding(TRUST_TYPE, canonicalBytes(signed));
}

/** Throws `bad-input` unless the root whose key is given signed this bundle. */
export async function checkRootSignature({ file }: Trust, root: PublicKey, verify: VerifyEd25519): Promise<void> {
  const { signature } = file;
  const problem = keyProblem(root);
  if (problem !== undefined) throw new CausewayError('bad-input', `the root’s key is refused: ${problem}`);
  if (!signature) throw new CausewayError('bad-input', 'the trust bundle carries no signature of a root');
  const bytes = fromBase64Url(signature.sig);
  const good = signature.kid === thumbprint(root) && bytes !== undefined && (await verify(root, trustToSign(file), bytes));
  if (!good) throw new CausewayError('bad-input', `the trust bundle is not signed by the root ${thumbprint(root)}`);
}

/** Reads a trust bundle. Throws `bad-input` for one whose keys are not what they are called, or could not be trusted whoever holds them. */
export function parseTrust(text: string): Trust {
  const { data: file, error } = Written.safeParse(parseStrictJson(text));
  if (!file) {
    const [issue] = error.issues;
    throw new CausewayError('bad-input', `this is no trust bundle: at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`);
  }
  const keys = new Map(
    file.keys.map(({ x, ...rest }): [string, TrustKey] => [rest.kid, { ...rest, key: goodKey(x, rest.kid, rest.kid) }]),
  );
  const names = [...file.witnesses.map(({ name }) => name), ...file.origins.map(({ origin }) => origin)];
  const bad = names.find((name) => !isKeyName(name));
  if (bad !== undefined) throw new CausewayError('bad-input', `the trust bundle has a name that no note can carry: ${bad}`);
  return {
    file,
    keys,
    origins: new Map(file.origins.map(({ cluster_id, origin }) => [cluster_id, origin])),
    witnesses: new Map(file.witnesses.map(({ name, x }) => [name, goodKey(x, name)])),
    quorum: file.quorum,
  };
}

function goodKey(x: string, whose: string, kid?: string): PublicKey {
  const key = keyOfJwkX(x);
  const problem = key ? keyProblem(key) : 'it is no Ed25519 key in base64url';
  if (!key || problem !== undefined)
    throw new CausewayError('bad-input', `the trust bundle’s key of ${whose} is refused: ${problem}`);
  if (kid !== undefined && thumbprint(key) !== kid)
    throw new CausewayError('bad-input', `the trust bundle’s key ${kid} is another key: its thumbprint is ${thumbprint(key)}`);
  return key;
}
