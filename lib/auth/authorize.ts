import type { Environment } from '#lib/api/common.ts';
import type { Grant, Role } from '#lib/api/people.ts';

/** Who is calling: someone signed in, or a program with a token. */
export interface Actor {
  readonly kind: 'person' | 'token';
  /** `issuer|sub` of a person, `token:ID` of a token. */
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly demo: boolean;
  readonly grants: readonly Grant[];
  /** What a token may do at most: the rights its maker has now. Absent where nothing bounds it. */
  readonly ceiling?: readonly Grant[];
  readonly sessionId?: string;
  /** Unix milliseconds. */
  readonly expiresAt?: number;
}

/** What an action is done to: the whole installation, one cluster, or nothing that is stored (`anywhere`: the role in any scope will do). */
export type Resource = 'organisation' | 'anywhere' | { readonly id: string; readonly environment: Environment };

interface Rule {
  readonly roles: readonly Role[];
  /** A program may never do this, whatever its token grants. */
  readonly peopleOnly?: true;
}

const READERS: readonly Role[] = ['viewer', 'operator', 'approver', 'admin', 'auditor', 'breakglass'];
const OPERATORS: readonly Role[] = ['operator', 'approver'];

/** Every action and the roles that may do it. An approver may what an operator may; an admin administers and reads, and approves nothing. */
const ACTIONS = {
  'cluster.read': { roles: READERS },
  'flows.read': { roles: READERS },
  'capture.read': { roles: READERS },
  'capture.create': { roles: OPERATORS },
  'capture.delete': { roles: OPERATORS },
  'policy.read': { roles: READERS },
  'policy.edit': { roles: OPERATORS },
  'migration.read': { roles: READERS },
  'migration.manage': { roles: ['admin'] },
  'evidence.edit': { roles: OPERATORS },
  'gate.request': { roles: OPERATORS, peopleOnly: true },
  'gate.decide': { roles: ['approver'], peopleOnly: true },
  'gate.break-glass': { roles: ['breakglass'], peopleOnly: true },
  'elevation.grant': { roles: ['approver', 'admin'], peopleOnly: true },
  'receipt.read': { roles: READERS },
  'receipt.create': { roles: OPERATORS },
  'finding.triage': { roles: OPERATORS },
  'key.manage': { roles: ['admin'], peopleOnly: true },
  'audit.read': { roles: ['admin', 'auditor'] },
  'webhook.read': { roles: ['admin', 'auditor'] },
  'webhook.manage': { roles: ['admin'], peopleOnly: true },
  'cluster.manage': { roles: ['admin'] },
  'member.read': { roles: ['admin', 'auditor'] },
  'session.read': { roles: ['admin', 'auditor'] },
  'session.revoke': { roles: ['admin'], peopleOnly: true },
  'token.read': { roles: ['admin', 'auditor'] },
  'token.manage': { roles: ['admin'], peopleOnly: true },
} satisfies Record<string, Rule>;
export type Action = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as Action[];

export type Decision = { readonly allowed: true; readonly by: Grant } | { readonly allowed: false; readonly reason: string };

/** The one place that decides: pages, routes, streams and the command line ask here. A decision names the grant that made it. */
export function authorize(actor: Actor, action: Action, resource: Resource): Decision {
  const { roles, peopleOnly }: Rule = ACTIONS[action];
  if (peopleOnly && actor.kind === 'token') return { allowed: false, reason: `an API token cannot do ${action}` };
  const by = covering(actor.grants, roles, resource);
  if (!by) return { allowed: false, reason: `${action} needs the role ${roles.join(' or ')} ${whereOf(resource)}` };
  if (actor.ceiling && !covering(actor.ceiling, roles, resource))
    return { allowed: false, reason: `whoever made this token may not do ${action} any more` };
  return { allowed: true, by };
}

/** The teams for which the actor may approve there. */
export const teamsOf = ({ grants }: Actor, resource: Resource): string[] => [
  ...new Set(
    grants.flatMap(({ role, scope, team }) =>
      role === 'approver' && team !== undefined && covers(scope, resource) ? [team] : [],
    ),
  ),
];

/** Whether the actor has any role anywhere: enough for what is the caller's own. */
export const hasAnyRole = (actor: Actor): boolean => actor.grants.length > 0;

const covering = (grants: readonly Grant[], roles: readonly Role[], resource: Resource): Grant | undefined =>
  grants.find(({ role, scope }) => roles.includes(role) && covers(scope, resource));

function covers(scope: Grant['scope'], resource: Resource): boolean {
  if (scope === '*' || resource === 'anywhere') return true;
  return resource !== 'organisation' && (scope === resource.environment || scope === `cluster:${resource.id}`);
}

function whereOf(resource: Resource): string {
  if (resource === 'anywhere') return 'in some environment';
  return resource === 'organisation' ? 'for the whole organisation' : `for cluster ${resource.id} (${resource.environment})`;
}
