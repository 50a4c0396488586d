import { expect, test } from 'vitest';
import { hubbleMissing, startHubble } from './hubble.ts';

test.skipIf(hubbleMissing())('the real relay comes back at its port after it was killed', async () => {
  const hubble = await startHubble({ rate: 50, nodes: 2 });
  try {
    await expect
      .poll(async () => (await hubble.observe('--last', '5', '-o', 'jsonpb')).trim().split('\n').length)
      .toBeGreaterThan(1);
    const restart = await hubble.killRelay();
    await expect(hubble.observe('--last', '1', '-o', 'jsonpb')).rejects.toThrow(/Unavailable|refused/);
    await restart();
    await expect
      .poll(async () => (await hubble.observe('--last', '5', '-o', 'jsonpb').catch(() => '')).length, { timeout: 20_000 })
      .toBeGreaterThan(1);
  } finally {
    hubble.stop();
  }
});
