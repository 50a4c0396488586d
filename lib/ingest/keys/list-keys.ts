import 'server-only';
import type { KeyList, SigningKey } from '#lib/api/receipts.ts';
import { readEntries, readKeyRecords, type StoredKeyChange } from '#lib/db/receipts/keys.ts';
import { readTrustSetting, readWitnessTimes } from '#lib/db/receipts/trust.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { KEY_ROLES, type KeyState, keyStates } from '#lib/keys/states.ts';
import { presentTrust, rootStanding } from '#lib/usecases/keys/read-trust.ts';

const OFF = 'Receipts are off in this console: it has been started without keys.';

/** Keys, witnesses and root as the page of keys shows them; `cluster` says whose log is asked for the introductions. */
export async function listKeys(db: Statements, keys: SigningKeys | undefined, cluster: string | undefined): Promise<KeyList> {
  const records = await readKeyRecords(db);
  const { changes } = records;
  const states = keyStates(records.keys, changes);
  const entries = cluster === undefined ? new Map<number, number>() : await readEntries(db, cluster);
  const introductions = new Map(
    changes.filter(({ event }) => event === 'introduced').map(({ kid, id }) => [kid, entries.get(id)]),
  );
  const setting = await readTrustSetting(db);
  const seen = await readWitnessTimes(db);
  const signing = new Set(KEY_ROLES.map((role) => keys?.active(role)?.kid));
  const root = await rootOf(db);
  return {
    keys: states
      .toSorted(
        (a, b) => ORDER[a.state] - ORDER[b.state] || ROLE_ORDER[a.role] - ROLE_ORDER[b.role] || b.validFromMs - a.validFromMs,
      )
      .map((key) => entryOf(key, keys, signing, introductions)),
    witnesses: (setting?.witnesses ?? []).map(({ name, url }) => {
      const lastSeen = seen.get(name);
      return {
        name,
        url,
        ...(lastSeen !== undefined && { lastSeen }),
        problem: lastSeen === undefined ? 'has not seen a head yet' : '',
      };
    }),
    quorum: setting?.quorum ?? 0,
    problem: keys ? keys.problem : OFF,
    warnings: [...(keys?.warnings ?? [])],
    makesKeys: keys?.makesKeys ?? false,
    overlapMs: keys?.overlapMs ?? 0,
    changes: changes
      .toReversed()
      .slice(0, MOST_CHANGES)
      .map((change) => changeOf(change, entries.get(change.id))),
    ...(root && { root }),
  };
}

const MOST_CHANGES = 50;

const changeOf = ({ kid, event, atMs, signed }: StoredKeyChange, entry: number | undefined): KeyList['changes'][number] => ({
  kid,
  role: signed.role,
  event,
  at: atMs,
  signedBy: signed.signatures.map((signature) => signature.kid),
  ...(entry !== undefined && { entry }),
});

const ROLE_ORDER = { receipt: 0, checkpoint: 1 } as const;
const ORDER = { active: 0, pending: 1, compromised: 2, retired: 3 } as const;

function entryOf(
  { kid, role, state, x, source, validFromMs, validToMs, compromisedAtMs }: KeyState,
  keys: SigningKeys | undefined,
  signing: ReadonlySet<string | undefined>,
  introductions: ReadonlyMap<string, number | undefined>,
): SigningKey {
  const introducedAt = introductions.get(kid);
  return {
    kid,
    role,
    state,
    validFrom: validFromMs,
    ...(validToMs !== undefined && { validTo: validToMs }),
    ...(compromisedAtMs !== undefined && { compromisedAt: compromisedAtMs }),
    ...(introducedAt !== undefined && { introducedAt }),
    x,
    source,
    isHere: keys?.held.includes(kid) ?? false,
    signs: signing.has(kid),
  };
}

async function rootOf(db: Statements): Promise<KeyList['root']> {
  try {
    const standing = await rootStanding(db, await presentTrust(db));
    if (!standing) return undefined;
    const { signed, file, isCurrent, isBetrayed } = standing;
    return {
      kid: signed.rootKid,
      x: signed.rootX,
      signedAt: Date.parse(file.issued_at),
      importedAt: signed.atMs,
      importedBy: signed.byName,
      isCurrent: isCurrent && !isBetrayed,
    };
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not-found') return undefined;
    throw error;
  }
}
