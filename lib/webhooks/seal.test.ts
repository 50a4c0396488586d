import { expect, test } from 'vitest';
import { newWebhookSecret, seal, unseal } from './seal.ts';

const CONSOLE = 'a secret of the console, long enough';

test('a secret can be read again by the console that sealed it, and is not in what is stored', () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const sealed = seal(secret, 'w1', CONSOLE);
  expect(sealed.toString('latin1')).not.toContain(secret.slice(6));
  expect(seal(secret, 'w1', CONSOLE)).not.toEqual(sealed);
  expect(unseal(sealed, 'w1', CONSOLE)).toBe(secret);
});

test('another secret of the console, another webhook and every changed byte are refused', () => {
  const sealed = seal('whsec_AAAA', 'w1', CONSOLE);
  expect(() => unseal(sealed, 'w1', `${CONSOLE}!`)).toThrow(/NEXTAUTH_SECRET/);
  expect(() => unseal(sealed, 'w2', CONSOLE)).toThrow(/NEXTAUTH_SECRET/);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unseal(changed, 'w1', CONSOLE)).toThrow(/NEXTAUTH_SECRET/);
  }
  expect(() => unseal(Buffer.alloc(3), 'w1', CONSOLE)).toThrow(/NEXTAUTH_SECRET/);
});
