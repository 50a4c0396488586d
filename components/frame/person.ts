import { type Grant, ROLES, type Role } from '#lib/api/people.ts';

/** Who is signed in, as the pages need it. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly demo: boolean;
  readonly grants: readonly Grant[];
}

/** `JL` of `Jo Lindqvist`; of one word its first two letters. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s._@-]+/u)
    .filter(Boolean);
  const [first = '?', second] = words.map((word) => Array.from(word));
  const letters = second ? [first[0], second[0]] : [first[0], first[1] ?? ''];
  return letters.join('').toUpperCase();
}

/** `admin everywhere`, `operator in DEV, TST`: the roles of a person with where they hold, weightiest first. */
export function rolesInWords(grants: readonly Grant[]): readonly string[] {
  return ROLES.toReversed().flatMap((role) => {
    const scopes = grants.filter((grant) => grant.role === role).map((grant) => grant.scope);
    if (scopes.length === 0) return [];
    return [`${role} ${scopes.includes('*') ? 'everywhere' : `in ${scopes.map(scopeInWords).join(', ')}`}`];
  });
}

/** Where a grant holds. */
export const scopeInWords = (scope: string): string =>
  scope === '*' ? 'everywhere' : scope.startsWith('cluster:') ? scope.slice('cluster:'.length) : scope;

/** Whether a person has one of `roles` for the whole organisation. Pages only hide what the server refuses anyhow. */
export const hasEverywhere = (grants: readonly Grant[], roles: readonly Role[]): boolean =>
  grants.some((grant) => grant.scope === '*' && roles.includes(grant.role));
