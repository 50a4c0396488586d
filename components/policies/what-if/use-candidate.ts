'use client';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { PolicyDetail, PolicySet } from '#lib/api/policies.ts';
import { Explanation, Suggestion } from '#lib/api/what-if.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { policyPath } from '../links.ts';
import { suggestInput } from '../suggest/suggest-input.ts';
import { usePost } from '../use-post.ts';
import { whyUrl } from '../why/question.ts';
import { yamlOfNearest } from '../why/NearestChange.tsx';
import { draftOf, keepDraft } from './drafts.ts';
import type { Candidate, InForce } from './judge-messages.ts';
import { type Origin, keyOf } from './origin.ts';

interface Edits {
  readonly key: string;
  readonly candidate: Candidate | undefined;
  readonly restored: boolean;
}

const never = () => () => undefined;
const EMPTY: Candidate = { text: '', mode: 'merge', removes: [] };

export interface CandidateState {
  /** What is in the editor; undefined until what the link names is here. */
  readonly candidate: Candidate | undefined;
  readonly problem: Problem | undefined;
  readonly retry: () => void;
  /** The stored candidate it comes from, and its version. */
  readonly stored: PolicySet | undefined;
  readonly etag: string | undefined;
  /** It differs from what was loaded. */
  readonly edited: boolean;
  /** Edits of an earlier visit were put back. */
  readonly restored: boolean;
  readonly change: (part: Partial<Candidate>) => void;
  /** Back to what was loaded. */
  readonly discard: () => void;
  /** The stored candidate was changed: it is read anew, and the edits are no longer needed. */
  readonly saved: () => void;
}

/** The candidate of the editor: what the link names, with the edits of this tab. */
export function useCandidate(view: Console, origin: Origin, inForce: readonly InForce[] | undefined): CandidateState {
  const key = keyOf(origin);
  const loaded = useLoaded(view, origin, inForce);
  const [edits, setEdits] = useState<Edits>();
  // Drafts are known to the browser only, after the page came from the server.
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const draft = useMemo(() => (inBrowser ? draftOf(view.cluster, key) : undefined), [inBrowser, view.cluster, key]);
  const found: Edits = { key, candidate: draft, restored: draft !== undefined };
  const own = edits?.key === key ? edits : inBrowser ? found : undefined;
  const candidate = own === undefined ? undefined : (own.candidate ?? loaded.candidate);
  const edited = own?.candidate !== undefined && loaded.candidate !== undefined && !same(own.candidate, loaded.candidate);
  useEffect(() => {
    if (edits?.key !== key) return;
    keepDraft(view.cluster, key, edited && edits.candidate ? { ...edits.candidate, key, at: Date.now() } : undefined);
  }, [view.cluster, key, edits, edited]);

  return {
    candidate,
    problem: loaded.problem,
    retry: loaded.retry,
    stored: loaded.stored,
    etag: loaded.etag,
    edited,
    restored: edited && own.restored,
    change: (part) =>
      setEdits((before) => {
        const base = (before?.key === key ? before.candidate : draft) ?? loaded.candidate ?? EMPTY;
        return { key, candidate: { ...base, ...part }, restored: false };
      }),
    discard: () => setEdits({ key, candidate: undefined, restored: false }),
    saved: () => {
      setEdits({ key, candidate: undefined, restored: false });
      loaded.retry();
    },
  };
}

/** Asks before a tab is closed whose edits would be lost with it. */
export function useUnsavedGuard(edited: boolean): void {
  useEffect(() => {
    if (!edited) return undefined;
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', guard);
    return () => window.removeEventListener('beforeunload', guard);
  }, [edited]);
}

const same = (a: Candidate, b: Candidate): boolean =>
  a.text === b.text &&
  a.mode === b.mode &&
  a.removes.length === b.removes.length &&
  a.removes.every((ref) => b.removes.includes(ref));

/** What the link names, read. */
function useLoaded(view: Console, origin: Origin, inForce: readonly InForce[] | undefined) {
  const { api } = view;
  const set = useApi(origin.kind === 'set' ? `${api}/policy-sets/${encodeURIComponent(origin.id)}` : null, PolicySet);
  const known = origin.kind === 'policy' ? inForce?.find(({ ref }) => ref === origin.ref) : undefined;
  const policy = useApi(
    origin.kind === 'policy' && known === undefined ? `${api}/${policyPath(origin.ref)}?range=1h` : null,
    PolicyDetail,
  );
  const why = useApi(origin.kind === 'allow' ? whyUrl(api, origin.asked, origin.set) : null, Explanation);
  const suggestion = usePost(
    `${api}/policies/suggest`,
    origin.kind === 'suggest' ? suggestInput(origin.scope, view) : null,
    Suggestion,
  );
  const asked = { set, policy, allow: why, suggest: suggestion, all: undefined, empty: undefined }[origin.kind];
  const text = ((): string | undefined => {
    switch (origin.kind) {
      case 'empty':
        return '';
      case 'set':
        return set.data?.yaml;
      case 'policy':
        return known?.text ?? policy.data?.yaml;
      case 'all':
        return inForce && joined(inForce.map((each) => each.text));
      case 'allow':
        return why.data && (why.data.nearest.length > 0 ? yamlOfNearest(why.data.nearest) : '');
      case 'suggest':
        return suggestion.data?.yaml;
    }
  })();
  const stored = origin.kind === 'set' ? set.data : undefined;
  const mode = stored?.mode ?? (origin.kind === 'all' ? 'replace' : 'merge');
  const removes = stored?.removes;
  const candidate = useMemo(
    (): Candidate | undefined => (text === undefined ? undefined : { text, mode, removes: removes ?? [] }),
    [text, mode, removes],
  );
  return {
    candidate,
    problem: candidate === undefined ? asked?.error : undefined,
    stored,
    etag: origin.kind === 'set' ? set.etag : undefined,
    retry: () => asked?.reload(),
  };
}

/** Policies as one text of several documents. */
export const joined = (texts: readonly string[]): string =>
  texts.map((text) => text.trimEnd()).join('\n---\n') + (texts.length > 0 ? '\n' : '');
