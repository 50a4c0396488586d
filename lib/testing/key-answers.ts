import type { KeyList, SigningKey } from '#lib/api/receipts.ts';

/** Noon of the day of which the answers tell, Unix milliseconds. */
export const KEYS_AT = Date.UTC(2026, 2, 2, 12);

/** A receipt key that signs. */
export const aSigningKey = (overrides: Partial<SigningKey> = {}): SigningKey => ({
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  role: 'receipt',
  state: 'active',
  validFrom: KEYS_AT,
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  source: 'receipt-20260302T120000-kPrK_qmx.pem',
  isHere: true,
  signs: true,
  introducedAt: 0,
  ...overrides,
});

/** The answer of a console that signs, with one witness. */
export const aKeyList = (overrides: Partial<KeyList> = {}): KeyList => ({
  keys: [
    aSigningKey(),
    aSigningKey({ kid: 'c'.repeat(43), role: 'checkpoint', source: 'checkpoint-20260302T120000-cccccccc.pem' }),
  ],
  witnesses: [{ name: 'security-witness', url: 'https://witness.example', lastSeen: KEYS_AT, problem: '' }],
  quorum: 1,
  problem: '',
  warnings: [],
  makesKeys: true,
  overlapMs: 86_400_000,
  changes: [
    { kid: 'c'.repeat(43), role: 'checkpoint', event: 'activated', at: KEYS_AT, signedBy: ['c'.repeat(43)], entry: 0 },
    { kid: aSigningKey().kid, role: 'receipt', event: 'introduced', at: KEYS_AT, signedBy: [aSigningKey().kid] },
  ],
  ...overrides,
});
