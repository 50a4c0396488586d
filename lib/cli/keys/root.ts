import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { visibleText } from '#lib/flow/text.ts';
import { readKeyFile, writeKeyFile } from '#lib/keys/key-file.ts';
import { trustText } from '#lib/keys/trust-bundle.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { MOST_BYTES } from '#lib/receipts/strict-json.ts';
import { parseTrust, type TrustFile, trustToSign } from '#lib/receipts/trust.ts';

/** `causeway keys root new`. Throws `conflict` where there is a file already. */
export function newRoot({ out }: { readonly out: string }, say: (line: string) => void): number {
  writeKeyFile(out, generateKeyPairSync('ed25519').privateKey);
  const { kid, x } = readKeyFile(out);
  say(`wrote        ${out} (mode 0400): keep it and a copy of it off every network`);
  say(`key          ${kid}`);
  say(`public key   ${x}`);
  say('Give the public key to whoever verifies, by a way of its own: causeway verify ... --root PUBLIC_KEY');
  return 0;
}

export interface SignOptions {
  readonly key: string;
  readonly out: string;
  readonly before?: string;
}

/** `causeway keys root sign`. The bundle is read as a verifier reads it: a key of small order or under another name is refused before it is signed. */
export function signBundle(bundle: string, { key: keyFile, out, before }: SignOptions, say: (line: string) => void): number {
  const key = readKeyFile(keyFile);
  const { signature: _old, ...bare } = readBundle(bundle);
  const problem = bare.keys.some(({ kid }) => kid === key.kid)
    ? 'the root’s key signs receipts or checkpoints too: it must be a key of its own'
    : undefined;
  if (problem !== undefined) throw new CausewayError('bad-input', problem);
  const sig = toBase64Url(Uint8Array.from(sign(null, trustToSign(bare), key.privateKey)));
  const signed: TrustFile = { ...bare, signature: { alg: 'Ed25519', kid: key.kid, sig } };
  for (const line of linesOf(bare, before === undefined ? undefined : readBundle(before))) say(line);
  writeFileSync(out, trustText(signed));
  say('');
  say(`signed by    ${key.kid}`);
  say(`wrote        ${out}`);
  return 0;
}

function readBundle(path: string): TrustFile {
  try {
    if (statSync(path).size > MOST_BYTES) throw new CausewayError('too-large', `${path} is larger than ${MOST_BYTES} bytes`);
    return parseTrust(readFileSync(path, 'utf8')).file;
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('bad-input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** What is signed, line by line; what the bundle before did not say is marked with a plus, what it said beside it with a minus. */
function linesOf(file: TrustFile, before: TrustFile | undefined): string[] {
  const now = said(file);
  if (!before) return now;
  const then = said(before);
  return [
    ...now.map((line) => `${then.includes(line) ? ' ' : '+'} ${line}`),
    ...then.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
  ];
}

const said = ({ issued_at, keys, origins, witnesses, quorum }: TrustFile): string[] => [
  `issued       ${visibleText(issued_at)}`,
  ...keys.map(
    ({ kid, role, state, valid_from, valid_to, compromised_at }) =>
      `key          ${visibleText(kid)} ${role}, ${state}, from ${valid_from}${valid_to === undefined ? '' : ` to ${valid_to}`}${compromised_at === undefined ? '' : `, compromised at ${compromised_at}`}`,
  ),
  ...origins.map(({ cluster_id, origin }) => `log          ${visibleText(origin)} of cluster ${visibleText(cluster_id)}`),
  ...witnesses.map(({ name, x }) => `witness      ${visibleText(name)} ${visibleText(x)}`),
  `quorum       ${quorum}`,
];
