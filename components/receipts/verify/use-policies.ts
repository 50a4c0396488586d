'use client';
import { useState } from 'react';
import { readPolicyHashes } from './read-files.ts';

export interface ChosenPolicies {
  /** Hash of each policy given, by its reference; undefined before one was given. */
  readonly hashes: ReadonlyMap<string, string> | undefined;
  readonly problems: readonly string[];
  readonly add: (files: readonly File[]) => Promise<void>;
}

/** Policies that a person gives to compare with what receipts name; those of later files replace earlier ones of the same name. */
export function usePolicies(): ChosenPolicies {
  const [chosen, setChosen] = useState<Pick<ChosenPolicies, 'hashes' | 'problems'>>({ hashes: undefined, problems: [] });
  const add = async (files: readonly File[]) => {
    const { hashes, problems } = await readPolicyHashes(files);
    setChosen((before) => ({ hashes: new Map([...(before.hashes ?? []), ...hashes]), problems }));
  };
  return { ...chosen, add };
}
