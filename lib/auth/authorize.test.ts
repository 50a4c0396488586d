import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { type Grant, type Role, ROLES } from '#lib/api/people.ts';
import { ACTION_NAMES, type Action, type Actor, authorize, hasAnyRole, teamsOf } from './authorize.ts';

const actor = (grants: readonly Grant[], more: Partial<Actor> = {}): Actor => ({
  kind: 'person',
  subject: 's',
  name: 'n',
  email: '',
  demo: false,
  grants,
  ...more,
});
const cluster = { id: 'aegis-production', environment: 'PRD' } as const;

/** Written by hand: what each role may do. */
const MAY: Readonly<Record<Action, readonly Role[]>> = {
  'cluster.read': ROLES,
  'flows.read': ROLES,
  'capture.read': ROLES,
  'capture.create': ['operator', 'approver'],
  'capture.delete': ['operator', 'approver'],
  'policy.read': ROLES,
  'policy.edit': ['operator', 'approver'],
  'migration.read': ROLES,
  'migration.manage': ['admin'],
  'evidence.edit': ['operator', 'approver'],
  'gate.request': ['operator', 'approver'],
  'gate.decide': ['approver'],
  'gate.break-glass': ['breakglass'],
  'elevation.grant': ['approver', 'admin'],
  'receipt.read': ROLES,
  'receipt.create': ['operator', 'approver'],
  'finding.triage': ['operator', 'approver'],
  'key.manage': ['admin'],
  'audit.read': ['admin', 'auditor'],
  'webhook.read': ['admin', 'auditor'],
  'webhook.manage': ['admin'],
  'cluster.manage': ['admin'],
  'member.read': ['admin', 'auditor'],
  'session.read': ['admin', 'auditor'],
  'session.revoke': ['admin'],
  'token.read': ['admin', 'auditor'],
  'token.manage': ['admin'],
};

describe.each(ACTION_NAMES)('%s', (action) => {
  test.each(ROLES)('by %s', (role) => {
    for (const resource of [cluster, 'organisation'] as const) {
      expect(authorize(actor([{ role, scope: '*' }]), action, resource).allowed).toBe(MAY[action].includes(role));
    }
  });
});

test.each([
  { scope: '*', where: cluster, allowed: true },
  { scope: 'PRD', where: cluster, allowed: true },
  { scope: 'DEV', where: cluster, allowed: false },
  { scope: 'cluster:aegis-production', where: cluster, allowed: true },
  { scope: 'cluster:aegis-prod', where: cluster, allowed: false },
  { scope: 'cluster:aegis-production', where: { ...cluster, id: 'aegis-production-2' }, allowed: false },
  { scope: 'PRD', where: 'organisation', allowed: false },
  { scope: 'cluster:organisation', where: 'organisation', allowed: false },
  { scope: 'PRD', where: 'anywhere', allowed: true },
] as const)('a role in $scope: $where is $allowed', ({ scope, where, allowed }) => {
  expect(authorize(actor([{ role: 'admin', scope }]), 'cluster.manage', where).allowed).toBe(allowed);
});

test('a decision names its grant, a refusal the roles that would do', () => {
  const grant = { role: 'operator', scope: 'PRD' } as const;
  expect(authorize(actor([{ role: 'viewer', scope: '*' }, grant]), 'capture.create', cluster)).toEqual({
    allowed: true,
    by: grant,
  });
  expect(authorize(actor([]), 'capture.create', cluster)).toEqual({
    allowed: false,
    reason: 'capture.create needs the role operator or approver for cluster aegis-production (PRD)',
  });
});

test('a token manages neither tokens nor sessions, whatever it holds', () => {
  const token = actor(
    ROLES.map((role) => ({ role, scope: '*' })),
    { kind: 'token' },
  );
  expect(ACTION_NAMES.filter((action) => !authorize(token, action, 'organisation').allowed)).toEqual([
    'gate.request',
    'gate.decide',
    'gate.break-glass',
    'elevation.grant',
    'key.manage',
    'webhook.manage',
    'session.revoke',
    'token.manage',
  ]);
});

const grants = fc.array(
  fc.record({
    role: fc.constantFrom(...ROLES),
    scope: fc.constantFrom<Grant['scope'][]>('*', ...ENVIRONMENTS, 'cluster:a', 'cluster:b'),
  }),
  { maxLength: 5 },
);
const resources = fc.constantFrom(
  'organisation' as const,
  { id: 'a', environment: 'DEV' as const },
  { id: 'b', environment: 'PRD' as const },
);
const actions = fc.constantFrom(...ACTION_NAMES);

test('nobody without a grant may do anything; one more grant never takes a right away', () => {
  fc.assert(
    fc.property(grants, grants, actions, resources, (some, more, action, resource) => {
      expect(authorize(actor([]), action, resource).allowed).toBe(false);
      const before = authorize(actor(some), action, resource).allowed;
      expect(authorize(actor([...some, ...more]), action, resource).allowed || !before).toBe(true);
    }),
  );
});

test('a ceiling is never exceeded, and gives nothing by itself', () => {
  fc.assert(
    fc.property(grants, grants, actions, resources, (own, ceiling, action, resource) => {
      const { allowed } = authorize(actor(own, { kind: 'token', ceiling }), action, resource);
      const both =
        authorize(actor(own, { kind: 'token' }), action, resource).allowed && authorize(actor(ceiling), action, resource).allowed;
      expect(allowed).toBe(both);
    }),
  );
});

test('no grant at all is no role', () => {
  expect([hasAnyRole(actor([])), hasAnyRole(actor([{ role: 'viewer', scope: 'DEV' }]))]).toEqual([false, true]);
});

test('an approver approves for the teams that reach the cluster, and nobody else for any', () => {
  const held: Grant[] = [
    { role: 'approver', scope: 'PRD', team: 'security' },
    { role: 'approver', scope: 'cluster:aegis-production', team: 'platform' },
    { role: 'approver', scope: '*', team: 'security' },
    { role: 'approver', scope: 'DEV', team: 'dev' },
    { role: 'approver', scope: '*' },
    { role: 'operator', scope: '*', team: 'ops' },
  ];
  expect(teamsOf(actor(held), cluster)).toEqual(['security', 'platform']);
  expect(teamsOf(actor(held), { id: 'x', environment: 'TST' })).toEqual(['security']);
  expect(teamsOf(actor([]), cluster)).toEqual([]);
});
