import { expect, test } from 'vitest';
import { aClusterPolicy, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { type CompiledPolicies, compilePolicies, recompile } from './compile.ts';
import { decide, peerOf } from './decide.ts';
import type { PolicyObject, World } from './model.ts';

const forApp = (app: string, name: string, rule: object = {}): PolicyObject =>
  aPolicy({ endpointSelector: { matchLabels: { app } }, ingress: [rule] }, name);

function policyOf(compiled: CompiledPolicies, endpoint: string) {
  const { subject } = peerOf(compiled, { endpoint });
  return subject && compiled.policyOf(subject);
}

const refsOf = (compiled: CompiledPolicies) => compiled.entries.map(({ policy }) => policy);

test('a change is judged anew for the pods that it selects, and for those only', () => {
  const before = compilePolicies(aWorld(), [forApp('web', 'a'), forApp('db', 'b')]);
  const [web, db] = [policyOf(before, 'web'), policyOf(before, 'db')];
  const after = recompile(before, { put: [forApp('db', 'b', { fromEntities: ['all'] })] });
  expect(policyOf(after, 'web')).toBe(web);
  expect(policyOf(after, 'db')).not.toBe(db);
  const question = { src: { endpoint: 'web' }, dst: { endpoint: 'db' }, protocol: 'TCP', port: 80 } as const;
  expect([decide(before, question).verdict, decide(after, question).verdict]).toEqual(['denied', 'allowed']);
});

test('a policy that is put takes the place of the one with its name, a new one comes last, a removed one is gone', () => {
  const before = compilePolicies(aWorld(), [forApp('web', 'a'), forApp('db', 'b')]);
  const after = recompile(before, { put: [forApp('cart', 'c'), forApp('db', 'a')] });
  expect(refsOf(after)).toEqual(['cnp:shop/a', 'cnp:shop/b', 'cnp:shop/c']);
  expect(refsOf(recompile(after, { remove: ['cnp:shop/b', 'cnp:shop/none'] }))).toEqual(['cnp:shop/a', 'cnp:shop/c']);
  expect(refsOf(before)).toEqual(['cnp:shop/a', 'cnp:shop/b']);
});

test('a policy that moves to other pods is judged anew for those it had and those it has', () => {
  const before = compilePolicies(aWorld(), [forApp('web', 'a')]);
  const [web, db, cart] = ['web', 'db', 'cart'].map((app) => policyOf(before, app));
  const after = recompile(before, { put: [forApp('db', 'a')] });
  expect([policyOf(after, 'web') === web, policyOf(after, 'db') === db, policyOf(after, 'cart') === cart]).toEqual([
    false,
    false,
    true,
  ]);
});

test('a policy that comes to be refused is taken out of force', () => {
  const before = compilePolicies(aWorld(), [forApp('db', 'a')]);
  const after = recompile(before, { put: [forApp('db', 'a', { fromEntities: ['nobody'] })] });
  expect([before.rejected, refsOf(after), after.rejected.map(({ policy }) => policy)]).toEqual([[], [], ['cnp:shop/a']]);
});

test('two sets for one world share who is who, so that peers found for one can be judged by the other', () => {
  const world = aWorld();
  const [one, other] = [compilePolicies(world, []), compilePolicies(world, [forApp('db', 'a')])];
  expect(peerOf(one, { endpoint: 'db' })).toBe(peerOf(other, { endpoint: 'db' }));
});

test('the rules that decide come in the order of the policies and of the rules in them', () => {
  const rules = { ingress: [{ fromEntities: ['all'] }, { fromEndpoints: [{}] }] };
  const compiled = compilePolicies(aWorld(), [aPolicy(rules, 'z'), aClusterPolicy(rules), aPolicy(rules, 'a')]);
  const { ingress } = decide(compiled, { src: { endpoint: 'web' }, dst: { endpoint: 'db' }, protocol: 'TCP', port: 80 });
  expect(ingress.allowRules.map(({ policy, path }) => `${policy} ${path}`)).toEqual([
    'cnp:shop/z spec.ingress[0]',
    'cnp:shop/z spec.ingress[1]',
    'ccnp:c spec.ingress[0]',
    'ccnp:c spec.ingress[1]',
    'cnp:shop/a spec.ingress[0]',
    'cnp:shop/a spec.ingress[1]',
  ]);
  expect(ingress.matchAllow).toEqual(['ccnp:c', 'cnp:shop/a', 'cnp:shop/z']);
});

const configured = (config: World['config']) => compilePolicies(aWorld({ config }), [forApp('db', 'a')]);
const asked = { src: { endpoint: 'web' }, dst: { endpoint: 'db' }, protocol: 'TCP', port: 80 } as const;

test('the mode of enforcement: never ignores policies, always closes what nothing selects', () => {
  expect(decide(configured({ policyEnforcement: 'never' }), asked)).toMatchObject({
    verdict: 'allowed',
    ingress: { enforced: false, reason: 'no-policy' },
  });
  expect(decide(configured({ policyEnforcement: 'always' }), { ...asked, dst: { endpoint: 'cart' } })).toMatchObject({
    verdict: 'denied',
    egress: { enforced: true, reason: 'default-deny' },
    ingress: { enforced: true, reason: 'default-deny' },
  });
});

test('labels that identities do not carry select nobody; the operator can change which they carry', () => {
  const endpoints = [{ id: 'a', namespace: 'shop', labels: { app: 'db', tier: 'data', 'pod-template-hash': 'x' } }];
  const enforced = (label: object, labels?: string) => {
    const world = aWorld({ endpoints, config: { ...(labels && { labels }) } });
    const compiled = compilePolicies(world, [aPolicy({ endpointSelector: { matchLabels: label }, ingress: [{}] })]);
    return decide(compiled, { src: { entity: 'world' }, dst: { endpoint: 'a' }, protocol: 'TCP', port: 80 }).ingress.enforced;
  };
  expect([enforced({ tier: 'data' }), enforced({ 'pod-template-hash': 'x' })]).toEqual([true, false]);
  expect([enforced({ tier: 'data' }, 'k8s:app'), enforced({ app: 'db' }, 'k8s:app')]).toEqual([false, true]);
});

test('a world that has seen very many selectors starts over, with the same policies in force', () => {
  const egress = [
    { toCIDR: Array.from({ length: 50_001 }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`) },
  ];
  const before = compilePolicies(aWorld(), [forApp('web', 'a'), forApp('db', 'b'), aPolicy({ egress }, 'many')]);
  const after = recompile(before, { remove: ['cnp:shop/many', 'cnp:shop/a'], put: [forApp('cart', 'c')] });
  expect(refsOf(after)).toEqual(['cnp:shop/b', 'cnp:shop/c']);
  expect(after.peers).not.toBe(before.peers);
  expect(decide(after, asked)).toMatchObject({ verdict: 'denied', ingress: { reason: 'default-deny' } });
});
