import { describe, expect, test } from 'vitest';
import { grantsOfClaims, roleMapOf, stillGranted } from './role-map.ts';

const roles = roleMapOf({
  'group-dev': [{ role: 'operator', scope: 'DEV' }],
  'group-all': [
    { role: 'viewer', scope: '*' },
    { role: 'auditor', scope: 'PRD' },
  ],
});

describe('the groups of a token', () => {
  test('give what the map says, with where it came from', () => {
    expect(grantsOfClaims({ groups: ['group-dev', 'unknown', 'group-dev'] }, 'groups', roles)).toEqual({
      ok: true,
      grants: [{ grant: { role: 'operator', scope: 'DEV' }, source: 'group:group-dev' }],
    });
  });

  test.each([
    { name: 'none that is mapped', claims: { groups: ['other'] }, reason: 'no-role' },
    { name: 'another case', claims: { groups: ['GROUP-DEV'] }, reason: 'no-role' },
    { name: 'a blank around it', claims: { groups: [' group-dev'] }, reason: 'no-role' },
    { name: 'a name of a built-in property', claims: { groups: ['__proto__', 'constructor'] }, reason: 'no-role' },
    { name: 'no claim', claims: {}, reason: 'no-groups' },
    { name: 'a claim that is no list', claims: { groups: 'group-dev' }, reason: 'no-groups' },
    { name: 'a list of something else', claims: { groups: [{ id: 'group-dev' }] }, reason: 'no-groups' },
    {
      name: 'overage by reference',
      claims: { groups: ['group-dev'], _claim_names: { groups: 'src1' } },
      reason: 'groups-overage',
    },
    { name: 'overage by flag', claims: { hasgroups: true }, reason: 'groups-overage' },
    { name: 'overage by flag as text', claims: { hasgroups: 'true', groups: ['group-dev'] }, reason: 'groups-overage' },
  ])('$name: nobody is let in', ({ claims, reason }) => {
    expect(grantsOfClaims(claims, 'groups', roles)).toEqual({ ok: false, reason });
  });

  test('are read from the configured claim alone', () => {
    expect(grantsOfClaims({ groups: ['group-dev'], roles: ['group-all'] }, 'roles', roles)).toMatchObject({
      ok: true,
      grants: [{ grant: { role: 'viewer' } }, { grant: { role: 'auditor' } }],
    });
  });
});

test.each([
  { name: 'a role that does not exist', written: { g: [{ role: 'root', scope: '*' }] }, says: 'g.0.role' },
  { name: 'a scope that does not exist', written: { g: [{ role: 'viewer', scope: 'PROD' }] }, says: 'g.0.scope' },
  { name: 'a property too many', written: { g: [{ role: 'viewer', scope: '*', also: 1 }] }, says: 'also' },
  { name: 'an empty list', written: { g: [] }, says: 'at g' },
  { name: 'a list', written: [], says: 'at the top' },
])('$name in the map is refused, with its place', ({ written, says }) => {
  expect(() => roleMapOf(written)).toThrow(says);
});

test('what was granted counts only while the map still gives it, and demo grants only in demo mode', () => {
  const stored = [
    { grant: { role: 'operator', scope: 'DEV' } as const, source: 'group:group-dev' },
    { grant: { role: 'operator', scope: 'PRD' } as const, source: 'group:group-dev' },
    { grant: { role: 'operator', scope: 'DEV' } as const, source: 'group:group-all' },
    { grant: { role: 'admin', scope: '*' } as const, source: 'demo' },
  ];
  expect(stillGranted(stored, roles, false)).toEqual([{ role: 'operator', scope: 'DEV' }]);
  expect(stillGranted(stored, roles, true)).toEqual([
    { role: 'operator', scope: 'DEV' },
    { role: 'admin', scope: '*' },
  ]);
});

describe('the team of an approver', () => {
  const approvers = roleMapOf({
    'group-sec': [{ role: 'approver', scope: 'PRD', team: 'security' }],
    'group-both': [
      { role: 'approver', scope: 'PRD', team: 'security' },
      { role: 'approver', scope: 'PRD', team: 'platform' },
    ],
  });
  const stored = (team: string | undefined, group = 'group-sec') => ({
    grant: { role: 'approver', scope: 'PRD', ...(team !== undefined && { team }) } as const,
    source: `group:${group}`,
  });

  test('is part of the grant: one that the map gives no more does not count', () => {
    const grant = { role: 'approver', scope: 'PRD', team: 'security' };
    expect(stillGranted([stored('security'), stored('platform'), stored(undefined)], approvers, false)).toEqual([grant]);
    expect(stillGranted([stored('security'), stored('security', 'group-both')], approvers, false)).toEqual([grant]);
  });

  test('may be several', () => {
    expect(stillGranted([stored('security', 'group-both'), stored('platform', 'group-both')], approvers, false)).toHaveLength(2);
  });

  test('is for approvers alone', () => {
    expect(() => roleMapOf({ g: [{ role: 'operator', scope: '*', team: 'security' }] })).toThrow('only an approver has a team');
  });
});
