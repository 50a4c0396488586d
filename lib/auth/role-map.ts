import { z } from 'zod';
import { Grant } from '#lib/api/people.ts';
import type { SourcedGrant } from '#lib/db/platform/members.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/** Group id of the provider, exactly as the token has it, to what its members may do. */
export type RoleMap = ReadonlyMap<string, readonly Grant[]>;

const Written = z.record(
  z.string(),
  z
    .array(Grant.strict().refine(({ role, team }) => team === undefined || role === 'approver', 'only an approver has a team'))
    .min(1),
);

/** `OIDC_ROLE_MAP`, e.g. `{"6f1d…": [{"role": "approver", "scope": "PRD", "team": "security"}]}`. Throws `not-configured`. */
export function roleMapOf(written: unknown): RoleMap {
  const { data, error } = Written.safeParse(written);
  if (data) return new Map(Object.entries(data));
  const where = error.issues.map(({ path, message }) => `at ${path.join('.') || 'the top'}: ${message}`).join('; ');
  throw new CausewayError('not-configured', `OIDC_ROLE_MAP maps group ids to lists of {"role", "scope", "team"}; ${where}`);
}

export type GroupsOutcome =
  | { readonly ok: true; readonly grants: readonly SourcedGrant[] }
  | { readonly ok: false; readonly reason: 'groups-overage' | 'no-groups' | 'no-role' };

/**
 * What the claims of an ID token grant. An incomplete list of groups grants nothing: Entra leaves the groups out beyond 200 and says so
 * by `_claim_names` or `hasgroups`, and a right that depends on which were left out would be chance.
 */
export function grantsOfClaims(claims: Readonly<Record<string, unknown>>, claim: string, roles: RoleMap): GroupsOutcome {
  const elsewhere = claims['_claim_names'];
  const overage = elsewhere instanceof Object && Object.hasOwn(elsewhere, claim);
  if (overage || claims['hasgroups'] === true || claims['hasgroups'] === 'true') return { ok: false, reason: 'groups-overage' };
  const groups = z.array(z.string()).safeParse(Object.hasOwn(claims, claim) ? claims[claim] : undefined);
  if (!groups.success) return { ok: false, reason: 'no-groups' };
  const grants = [...new Set(groups.data)].flatMap((group) =>
    (roles.get(group) ?? []).map((grant) => ({ grant, source: groupSource(group) })),
  );
  return grants.length > 0 ? { ok: true, grants } : { ok: false, reason: 'no-role' };
}

/** The stored grants that the configuration still gives: a mapping taken away ends at the next request, not at the next sign-in. */
export function stillGranted(stored: readonly SourcedGrant[], roles: RoleMap, demo: boolean): Grant[] {
  const gives = new Set(
    [...roles].flatMap(([group, grants]) => grants.map((grant) => keyOf({ grant, source: groupSource(group) }))),
  );
  const kept = stored.filter((each) => (each.source === 'demo' ? demo : gives.has(keyOf(each))));
  return [...new Map(kept.map(({ grant }) => [nameOf(grant), grant])).values()];
}

const groupSource = (group: string) => `group:${group}`;
const nameOf = ({ role, scope, team = '' }: Grant) => `${role} ${scope} ${team}`;
/** A group id may hold any character: it comes last, so that no two keys meet but equal ones. */
const keyOf = ({ grant, source }: SourcedGrant) => JSON.stringify([nameOf(grant), source]);
