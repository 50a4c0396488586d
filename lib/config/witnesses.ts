import { CausewayError } from '#lib/errors/errors.ts';
import { isKeyName } from '#lib/receipts/note.ts';
import { keyOfJwkX, keyProblem, type PublicKey } from '#lib/receipts/public-key.ts';

/** Who is asked to see each head of a log, and how many of them make it a witnessed one. */
export interface WitnessSettings {
  readonly witnesses: readonly { readonly name: string; readonly url: string; readonly key: PublicKey }[];
  /** 0 where there are no witnesses. */
  readonly quorum: number;
}

const MOST_WITNESSES = 20;

/**
 * `CAUSEWAY_WITNESSES`, as `name=url=key` separated by commas, the key in base64url as in a JWK, and `CAUSEWAY_WITNESS_QUORUM`, by default more than
 * half of them. Throws `not-configured` naming what is wrong.
 */
export function witnessSettingsOf(environment: Readonly<Record<string, string | undefined>>): WitnessSettings {
  const witnesses = (environment['CAUSEWAY_WITNESSES'] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(witnessOf);
  if (witnesses.length > MOST_WITNESSES) throw wrong(`CAUSEWAY_WITNESSES has more than ${MOST_WITNESSES}`);
  for (const what of ['name', 'url', 'x'] as const)
    if (new Set(witnesses.map((witness) => witness[what])).size < witnesses.length)
      throw wrong(`CAUSEWAY_WITNESSES has a ${what === 'x' ? 'key' : what} twice: each witness counts once`);
  return {
    witnesses: witnesses.map(({ name, url, key }) => ({ name, url, key })),
    quorum: quorumOf(environment, witnesses.length),
  };
}

function witnessOf(item: string, index: number) {
  const [first, last] = [item.indexOf('='), item.lastIndexOf('=')];
  const [name, url, x] = [item.slice(0, Math.max(0, first)), item.slice(first + 1, Math.max(0, last)), item.slice(last + 1)];
  const which = `CAUSEWAY_WITNESSES, number ${index + 1},`;
  if (first === last || !isKeyName(name)) throw wrong(`${which} is not written as name=url=key`);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password || parsed.search || parsed.hash)
    throw wrong(`${which} has no URL of http or https without credentials and query`);
  const key = keyOfJwkX(x);
  const problem = key ? keyProblem(key) : 'it is no Ed25519 key in base64url';
  if (!key || problem !== undefined) throw wrong(`${which} has a key that is refused: ${problem}`);
  return { name, url: parsed.href.replace(/\/+$/, ''), key, x };
}

function quorumOf(environment: Readonly<Record<string, string | undefined>>, witnesses: number): number {
  const text = environment['CAUSEWAY_WITNESS_QUORUM']?.trim() ?? '';
  if (text === '') return witnesses === 0 ? 0 : Math.floor(witnesses / 2) + 1;
  if (!/^\d{1,2}$/.test(text) || Number(text) > witnesses)
    throw wrong(`CAUSEWAY_WITNESS_QUORUM is a number up to that of CAUSEWAY_WITNESSES, ${witnesses}`);
  return Number(text);
}

const wrong = (why: string) => new CausewayError('not-configured', why);
