import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advisoriesOf, CILIUM_MINORS, factsOfVersion, KERNELS, REMOVED_OPTIONS, removedOptions } from './version-facts.ts';
import { compareVersions, isAtLeast, minorText, parseVersion, type Version, versionOfImage, versionText } from './versions.ts';

const version = (text: string): Version => {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`${text} is no version`);
  return parsed;
};

test.each([
  ['v1.19.5', '1.19.5'],
  ['1.19', '1.19.0'],
  ['v1.32.9-eks-113cf36', '1.32.9'],
  ['6.1.158-180.294.amzn2023.aarch64', '6.1.158'],
  ['5.10.245-241.976.amzn2.x86_64', '5.10.245'],
  ['v1.20.0-rc.1', '1.20.0-rc.1'],
  ['v1.19.0@sha256:0123', '1.19.0'],
])('%s is read as %s', (text, said) => {
  expect(versionText(version(text))).toBe(said);
});

test.each(['', 'latest', 'v1', '1.x', '1.19.5; rm -rf /', '__proto__', `1.${'9'.repeat(5000)}`, '1.2.3\n4'])(
  '%j is no version',
  (text) => expect(parseVersion(text)).toBeUndefined(),
);

test.each([
  ['quay.io/cilium/cilium:v1.19.5@sha256:aa', '1.19.5'],
  ['registry.example:5000/cilium/cilium', undefined],
  ['registry.example:5000/cilium/cilium:v1.18.2', '1.18.2'],
  ['cilium:latest', undefined],
])('the version of the image %s is %s', (image, said) => {
  const found = versionOfImage(image);
  expect(found && versionText(found)).toBe(said);
});

test('versions are ordered by their numbers, and a release comes after its candidates', () => {
  const inOrder = [
    '1.9.0',
    '1.18.12',
    '1.19.0-pre.2',
    '1.19.0-rc.1',
    '1.19.0-rc.2',
    '1.19.0-rc.10',
    '1.19.0',
    '1.19.10',
    '1.20.0',
  ];
  const shuffled = inOrder.toReversed().map(version);
  expect(shuffled.toSorted(compareVersions).map(versionText)).toEqual(inOrder);
});

test('the order of versions is an order', () => {
  const some = fc.record({
    major: fc.nat(3),
    minor: fc.nat(3),
    patch: fc.nat(3),
    pre: fc.constantFrom('', 'rc.1', 'rc.2', 'pre.0', 'alpha'),
  });
  fc.assert(
    fc.property(some, some, some, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      const isChain = compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0;
      expect(isChain && compareVersions(a, c) > 0).toBe(false);
    }),
  );
});

test.each([
  ['5.4.209-116.367.amzn2.x86_64', false, false, true],
  ['5.10.245-241.976.amzn2.x86_64', true, true, true],
  ['6.1.158-180.294.amzn2023.aarch64', true, true, true],
  ['4.14.355-280.684.amzn2.x86_64', false, false, false],
])('the kernel %s has WireGuard: %s, host routing: %s, what replaces kube-proxy: %s', (kernel, wireGuard, routing, proxy) => {
  const found = version(kernel);
  expect(isAtLeast(found, KERNELS.wireGuard.least)).toBe(wireGuard);
  expect(isAtLeast(found, KERNELS.hostRouting.least)).toBe(routing);
  expect(isAtLeast(found, KERNELS.kubeProxyReplacement.least)).toBe(proxy);
});

describe('facts by version', () => {
  test('are there for 1.14 to 1.21, each minor version once and in order', () => {
    const minors = CILIUM_MINORS.map(({ minor }) => minor);
    expect(minors).toEqual(Array.from({ length: 8 }, (_, i) => `1.${14 + i}`));
    for (const { kubernetes, kernel } of CILIUM_MINORS) {
      expect(compareVersions(version(kubernetes.from), version(kubernetes.to))).toBeLessThan(0);
      expect(parseVersion(kernel)).toBeDefined();
      expect(kubernetes.source).toMatch(/^https:\/\//);
    }
  });

  test('say nothing of versions that are not known', () => {
    expect(factsOfVersion(version('1.22.0'))).toBeUndefined();
    expect(factsOfVersion(version('1.13.4'))).toBeUndefined();
    expect(factsOfVersion(version('1.20.0-rc.1'))?.mutualAuth).toBe('deprecated');
  });

  test('what is gone stays gone, what has come stays', () => {
    const rank = { available: 0, deprecated: 1, removed: 2 };
    for (const [i, now] of CILIUM_MINORS.entries()) {
      const before = CILIUM_MINORS[i - 1];
      if (!before) continue;
      expect(rank[now.mutualAuth]).toBeGreaterThanOrEqual(rank[before.mutualAuth]);
      expect(Number(now.ztunnel)).toBeGreaterThanOrEqual(Number(before.ztunnel));
      expect(compareVersions(version(now.kernel), version(before.kernel))).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('removed options', () => {
  test('are named for the version that has lost them and for later ones only', () => {
    const strict = ({ path }: { path?: string }) => path === 'encryption.strictMode.enabled';
    expect(removedOptions(version('1.19.5'), strict)).toEqual([]);
    expect(removedOptions(version('1.20.0-rc.1'), strict).map(({ instead }) => instead)).toEqual([
      'encryption.strictMode.egress.enabled',
    ]);
    expect(removedOptions(version('1.21.0'), strict)).toHaveLength(1);
  });

  test('name the minor version they are gone in, and where that is told', () => {
    for (const { removedIn, source, path, key } of REMOVED_OPTIONS) {
      expect(minorText(version(removedIn))).toBe(removedIn);
      expect(source).toContain(removedIn);
      expect(path ?? key).toBeTruthy();
    }
  });
});

test.each([
  ['1.14.1', 'CVE-2023-39347', true],
  ['1.14.2', 'CVE-2023-39347', false],
  ['1.17.2', 'CVE-2025-32793', true],
  ['1.17.3', 'CVE-2025-32793', false],
  ['1.13.0', 'CVE-2025-32793', true],
  ['1.19.0', 'CVE-2025-64715', false],
])('%s has %s: %s', (running, id, has) => {
  expect(advisoriesOf(version(running)).some((advisory) => advisory.id === id)).toBe(has);
});
