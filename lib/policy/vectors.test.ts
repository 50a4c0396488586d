import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JudgedPeers } from './judged-peers.ts';
import type { Peer, World } from './model.ts';
import { compareVectorFile, worldOf } from './vectors.ts';

const folder = '../shared/policy-vectors';
const isThere = existsSync(folder);

test('the policy vectors are there', () => {
  if (!isThere && process.env['CI'] === 'true') throw new Error(`${folder} is missing`);
  if (!isThere) console.log(`skipped: ${folder} is not here`);
  expect(isThere || process.env['CI'] !== 'true').toBe(true);
});

const files = isThere ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];

test.each(files)('every answer of %s agrees with Cilium', (file) => {
  const { agree, disagreements } = compareVectorFile(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  expect(disagreements).toEqual([]);
  expect(agree).toBeGreaterThan(0);
});

interface Labelled {
  readonly id?: string;
  readonly ip?: string;
  readonly identityLabels?: readonly string[];
}

/** Labels of prefixes, groups and names hang on the policies that are loaded; here they are no labels, but questions to the address. */
const isOfPeer = (label: string): boolean => !/^(cidr|cidrgroup|fqdn):/.test(label);

test.each(files)('pods, nodes and addresses of %s have the identity labels that Cilium gives them', (file) => {
  const { vectors } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    vectors: { id: string; world?: Partial<World> }[];
  };
  const given = vectors.flatMap(({ id, world = {} }) => {
    const peers = new JudgedPeers(worldOf(world));
    const row = (item: Labelled, peer: Peer) => ({
      id,
      peer,
      labels: item.identityLabels,
      own: peers.find(peer).identity.labels.texts,
    });
    return [
      ...(world.endpoints ?? []).map((item) => row(item, { endpoint: item.id })),
      ...(world.nodes ?? []).map((item) => row(item, { node: item.id })),
      ...(world.ips ?? []).map((item) => row(item, { ip: item.ip })),
    ].filter(({ labels }) => labels !== undefined);
  });
  expect(given.map(({ labels, ...row }) => ({ ...row, own: labels?.filter(isOfPeer) }))).toEqual(
    given.map(({ labels: _labels, ...row }) => row),
  );
});
