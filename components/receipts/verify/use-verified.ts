'use client';
import { useEffect, useState } from 'react';
import type { Trust } from '#lib/receipts/trust.ts';
import { browserEd25519 } from './browser-ed25519.ts';
import { type HereResult, verifyHere } from './verify-here.ts';

/** What each text is worth under a trust bundle, found in this browser; undefined until that is known. The last results stay while new ones are found. */
export function useVerified(
  texts: readonly string[],
  trust: Trust | undefined,
  {
    quorum,
    policies,
  }: { readonly quorum?: number | undefined; readonly policies?: ReadonlyMap<string, string> | undefined } = {},
): readonly HereResult[] | undefined {
  const [found, setFound] = useState<{ readonly texts: readonly string[]; readonly results: readonly HereResult[] }>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (!trust) return undefined;
    let current = true;
    const run = async () => {
      const ed25519 = await browserEd25519();
      const results: HereResult[] = [];
      for (const text of texts) results.push(await verifyHere(text, { trust, quorum, policies }, ed25519));
      if (current) setFound({ texts, results });
    };
    run().catch((error: unknown) => {
      if (current) setFailure(error);
    });
    return () => {
      current = false;
    };
  }, [texts, trust, quorum, policies]);
  if (failure !== undefined) throw failure;
  // Results of other files say nothing about these.
  return trust && found?.texts === texts ? found.results : undefined;
}
