import { expect, test } from 'vitest';
import { type Kubernetes, kubernetesMissing, startKubernetes } from '#lib/testing/kubernetes.ts';
import { collectObjects } from '#lib/testing/objects.ts';
import { until } from '#lib/testing/postgres.ts';
import { WorldBuilder } from '#lib/world/world-builder.ts';
import type { KubeObject } from './object.ts';
import { followKubernetes } from './source.ts';

/** Seeding takes minutes and two gigabytes: asked for by `CAUSEWAY_LARGE_WORLD=1`. */
const wanted = process.env['CAUSEWAY_LARGE_WORLD'] === '1';

test.skipIf(!wanted || kubernetesMissing())(
  'ten thousand pods and two thousand policies are read in seconds, in little memory, a page at a time',
  { timeout: 1_200_000 },
  async () => {
    const kubernetes: Kubernetes = await startKubernetes();
    try {
      await kubernetes.seed('--scale');
      globalThis.gc?.();
      const heapBefore = process.memoryUsage().heapUsed;
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last - 10);
        last = now;
      }, 10);

      const began = performance.now();
      const seen = collectObjects();
      const source = followKubernetes({ kubeconfig: kubernetes.admin }, seen);
      await until(() => source.isRead, 'every kind to be read', 120_000);
      const filledMs = performance.now() - began;
      clearInterval(timer);
      globalThis.gc?.();
      const heldMb = (process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024;

      const builder = new WorldBuilder();
      for (const object of seen.objects.values()) builder.put(object);
      const buildBegan = performance.now();
      builder.build();
      const buildMs = performance.now() - buildBegan;

      const changed = performance.now();
      const [pod] = seen.of('Pod') as [KubeObject];
      const { name, namespace = '' } = pod.metadata;
      await kubernetes.kubectl(['-n', namespace, 'label', 'pod', name, 'tier=front']);
      const patched = performance.now();
      await until(() => seen.objects.get(`Pod ${namespace}/${name}`)?.metadata.labels?.['tier'] === 'front', 'the change');
      console.log(
        `large world: ${seen.objects.size} objects filled in ${filledMs.toFixed(0)} ms, ${heldMb.toFixed(0)} MiB held, longest pause ${longest.toFixed(0)} ms, world built in ${buildMs.toFixed(0)} ms, a change heard ${(performance.now() - patched).toFixed(0)} ms after kubectl's ${(patched - changed).toFixed(0)} ms`,
      );
      expect(seen.of('Pod').length).toBeGreaterThan(9900);
      expect(seen.of('CiliumNetworkPolicy').length).toBeGreaterThan(1990);
      expect(filledMs).toBeLessThan(30_000);
      expect(heldMb).toBeLessThan(300);
      expect(longest).toBeLessThan(1000);
      await source.close();
    } finally {
      kubernetes.stop();
    }
  },
);
