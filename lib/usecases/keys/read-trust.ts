import 'server-only';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { readIntroduced, readKeyRecords } from '#lib/db/receipts/keys.ts';
import { readLogs, readSignedTrust, readTrustSetting, type SignedTrust } from '#lib/db/receipts/trust.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type KeyState, keyStates } from '#lib/keys/states.ts';
import { isBetrayed, saysTheSame, trustFileOf, trustText } from '#lib/keys/trust-bundle.ts';
import { parseTrust, type TrustFile } from '#lib/receipts/trust.ts';

/** All keys that the console has or had, as they stand. */
export async function readKeyStates(db: Statements): Promise<KeyState[]> {
  const { keys, changes } = await readKeyRecords(db);
  return keyStates(keys, changes);
}

/** Whom to believe, as it is now, without a signature. Throws `not-found` while there is nothing to believe. */
export async function presentTrust(db: Statements): Promise<{ readonly file: TrustFile; readonly keys: readonly KeyState[] }> {
  const setting = await readTrustSetting(db);
  const keys = await readKeyStates(db);
  const logs = await readLogs(db);
  if (!setting || keys.length === 0)
    throw new CausewayError('not-found', 'nothing is signed by this console yet: it has no keys');
  if (logs.clusters.length === 0) throw new CausewayError('not-found', 'this console has no cluster yet, and so no log');
  const lastChange = keys.flatMap((key) => [
    key.introducedMs,
    key.state === 'pending' ? 0 : key.validFromMs,
    key.validToMs ?? 0,
    key.toldMs ?? 0,
  ]);
  const file = trustFileOf({
    ...setting,
    keys,
    introduced: await readIntroduced(db),
    clusters: logs.clusters,
    changedAtMs: Math.max(setting.changedAtMs, logs.changedAtMs, ...lastChange),
  });
  return { file, keys };
}

/** The signed bundle that was imported last, and how it stands to what there is now. */
export interface RootStanding {
  readonly signed: SignedTrust;
  readonly file: TrustFile;
  /** It says what there is now. */
  readonly isCurrent: boolean;
  /** It vouches for a key that is compromised by now. */
  readonly isBetrayed: boolean;
}

export async function rootStanding(
  db: Statements,
  present: { readonly file: TrustFile; readonly keys: readonly KeyState[] },
): Promise<RootStanding | undefined> {
  const signed = await readSignedTrust(db);
  if (!signed) return undefined;
  const file = parseTrust(signed.bundle).file;
  return { signed, file, isCurrent: saysTheSame(file, present.file), isBetrayed: isBetrayed(file, present.keys) };
}

/**
 * The bundle to hand out. Where a root has signed one, that one, until it is signed anew: who believes the root can believe nothing else. It is held back
 * once it vouches for a key that is compromised: then there is none with a signature, and who asks for one is told so by its absence.
 */
export async function handedOutTrust(db: Statements): Promise<string> {
  const present = await presentTrust(db);
  const root = await rootStanding(db, present);
  return root && !root.isBetrayed ? trustText(root.file) : trustText(present.file);
}
