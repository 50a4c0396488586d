'use client';
import { useEffect, useEffectEvent, useState } from 'react';
import { problemOf } from '#components/live/api.ts';
import type { Problem } from '#lib/api/common.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { headOfNote, type LogHead } from '#lib/receipts/growth.ts';
import { compareHeads, type Growth, rememberedHead, rememberHead } from './growth.ts';

export type GrowthState =
  | { readonly kind: 'comparing' }
  /** No head to compare with: this one is remembered from now on, where the browser keeps anything. */
  | { readonly kind: 'first'; readonly kept: boolean }
  | { readonly kind: 'compared'; readonly growth: Growth; readonly with: Compared }
  | { readonly kind: 'unreadable'; readonly why: string; readonly with: Compared }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** What the newest head was compared with: what this browser saw at a time, or a checkpoint somebody gave. */
export type Compared =
  | { readonly what: 'remembered'; readonly seenAt: number }
  | { readonly what: 'given'; readonly name: string };

/** Compares the newest head with the one this browser saw last, once; and with checkpoints that are given. Keyed by cluster. */
export function useGrowth(cluster: string, note: string) {
  const [state, setState] = useState<GrowthState>({ kind: 'comparing' });
  const arrive = useEffectEvent(() => withRemembered(cluster, note));
  useEffect(() => {
    let here = true;
    void arrive().then((found) => here && setState(found));
    return () => {
      here = false;
    };
  }, []);

  const show = (coming: Promise<GrowthState>) => {
    setState({ kind: 'comparing' });
    void coming.then(setState);
  };
  return {
    state,
    again: () => show(withRemembered(cluster, note)),
    compareNote: (text: string, name: string) => show(withNote(cluster, note, text, name)),
    /** Takes the head of now for the one to compare with. */
    forget: () => setState(begin(cluster, note)),
  };
}

async function withRemembered(cluster: string, note: string): Promise<GrowthState> {
  const last = rememberedHead(cluster);
  if (!last) return begin(cluster, note);
  const found = await compare(cluster, last, headOfNote(note), { what: 'remembered', seenAt: last.at });
  // One that does not follow stays the one to compare with, until somebody says otherwise.
  if (found.kind === 'compared' && found.growth.kind !== 'rewritten') keep(cluster, note);
  return found;
}

async function withNote(cluster: string, note: string, text: string, name: string): Promise<GrowthState> {
  const given: Compared = { what: 'given', name };
  const to = headOfNote(note);
  let from: ReturnType<typeof headOfNote>;
  try {
    from = headOfNote(text);
  } catch (error) {
    return { kind: 'unreadable', why: messageOf(error), with: given };
  }
  if (from.origin !== to.origin)
    return { kind: 'unreadable', why: `it is a head of another log, ${from.origin}: this one is ${to.origin}`, with: given };
  return compare(cluster, from, to, given);
}

async function compare(cluster: string, from: LogHead, to: LogHead, compared: Compared): Promise<GrowthState> {
  try {
    return { kind: 'compared', growth: await compareHeads(cluster, from, to), with: compared };
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error) };
  }
}

const begin = (cluster: string, note: string): GrowthState => ({ kind: 'first', kept: keep(cluster, note) });

function keep(cluster: string, note: string): boolean {
  const { size, root } = headOfNote(note);
  return rememberHead(cluster, { size, root, at: Date.now() });
}
