import { expect, test } from 'vitest';
import { aPod, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { lintContext, namedPeers } from './context.ts';

test('whom a rule names does not depend on the policies before it', () => {
  const world = aWorld({ endpoints: [aPod('a', 'shop', { labels: { app: 'a' } }), aPod('b', 'shop', { labels: { app: 'b' } })] });
  const naming = (app: string) => aPolicy({ ingress: [{ fromEndpoints: [{ matchLabels: { app } }] }] }, app);
  const { policies, world: known } = lintContext([naming('a'), naming('b'), naming('c')], world, {});
  const named = policies.map(({ entries }) =>
    entries
      .flatMap(({ peers }) => (known ? namedPeers(peers, known) : []))
      .map(({ labels }) => labels.texts.filter((text) => text.startsWith('k8s:app=')).join()),
  );
  expect(named).toEqual([['k8s:app=a'], ['k8s:app=b'], []]);
});
