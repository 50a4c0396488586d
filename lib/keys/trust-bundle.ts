import 'server-only';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import type { TrustFile } from '#lib/receipts/trust.ts';
import type { KeyState } from './states.ts';

/** What a trust bundle is made of. */
export interface TrustParts {
  readonly organisation: string;
  readonly witnesses: readonly { readonly name: string; readonly x: string }[];
  readonly quorum: number;
  readonly keys: readonly KeyState[];
  /** Thumbprints of the keys whose introduction is in a log. */
  readonly introduced: ReadonlySet<string>;
  readonly clusters: readonly string[];
  /** When any of it changed last, Unix milliseconds: the same parts make the same bytes. */
  readonly changedAtMs: number;
}

/** Name of a cluster's log: the first line of its checkpoints. */
export const originOf = (organisation: string, cluster: string): string => `causeway.${organisation}/${cluster}`;

/**
 * Whom to believe, as a file to hand out. A key that is introduced and not yet in force is listed as active from the time on at which it comes into it:
 * whoever fetched the bundle during the overlap needs no other one then, and what the key signs before is refused. One that no log has introduced is
 * pending, and a verifier refuses whatever it signs.
 */
export const trustFileOf = ({
  organisation,
  witnesses,
  quorum,
  keys,
  introduced,
  clusters,
  changedAtMs,
}: TrustParts): TrustFile => ({
  schema: 'causeway.trust/1',
  issued_at: momentOf(changedAtMs),
  origins: clusters.map((cluster) => ({ cluster_id: cluster, origin: originOf(organisation, cluster) })),
  keys: keys.map(({ kid, role, x, state, validFromMs, validToMs, compromisedAtMs }) => ({
    kid,
    role,
    x,
    valid_from: momentOf(validFromMs),
    ...(validToMs !== undefined && { valid_to: momentOf(validToMs) }),
    state: state === 'pending' && introduced.has(kid) ? 'active' : state,
    ...(compromisedAtMs !== undefined && { compromised_at: momentOf(compromisedAtMs) }),
  })),
  witnesses: witnesses.map(({ name, x }) => ({ name, x })),
  quorum,
});

/** The file's bytes as they are handed out: indented, for people to read. */
export const trustText = (file: TrustFile): string => `${JSON.stringify(file, null, 2)}\n`;

/** Whether two bundles say the same of keys, logs and witnesses, whenever they were issued and whoever signed them. */
export const saysTheSame = (a: TrustFile, b: TrustFile): boolean => bareText(a) === bareText(b);

function bareText({ signature: _signature, issued_at: _issued, ...said }: TrustFile): string {
  return toBase64Url(canonicalBytes(said));
}

/** Whether a bundle vouches for a key that is compromised by now, earlier than the bundle says: it must not be handed out any more. */
export const isBetrayed = (signed: TrustFile, keys: readonly KeyState[]): boolean =>
  keys.some(({ kid, compromisedAtMs }) => {
    if (compromisedAtMs === undefined) return false;
    return signed.keys.some((key) => key.kid === kid && key.compromised_at !== momentOf(compromisedAtMs));
  });
