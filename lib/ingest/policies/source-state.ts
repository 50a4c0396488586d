import 'server-only';
import type { PolicySource } from '#lib/api/policies.ts';
import { ASIDE_KINDS } from '#lib/kubernetes/kinds.ts';
import type { KindState } from '#lib/kubernetes/object.ts';
import type { WorldPart } from '#lib/policy/model.ts';

/** What is known of a cluster's source at one time. */
export interface SourceFacts {
  readonly kind: PolicySource['kind'];
  /** For a person, e.g. `the API server https://10.0.0.1:443`. */
  readonly name: string;
  readonly isRead: boolean;
  readonly problem: string;
  readonly kinds: readonly KindState[];
  readonly missing: readonly WorldPart[];
  /** Unix milliseconds: since when it is open or failing. */
  readonly since: number;
  readonly updatedAt: number | undefined;
}

export const NO_SOURCE =
  'Nothing reads the Kubernetes objects of this cluster. Start the console with --kubeconfig FILE or --objects DIR, name a source in Settings, or upload what kubectl prints.';

/** The answer to "where do the objects come from, and how does that stand": one state and sentence for all kinds together. */
export function sourceState(facts: SourceFacts): PolicySource {
  const { state, detail } = stateOf(facts);
  const since = Math.max(facts.since, ...(state === 'ready' ? facts.kinds.map((kind) => kind.since) : []));
  return {
    kind: facts.kind,
    state,
    detail,
    since,
    ...(facts.updatedAt !== undefined && { updatedAt: facts.updatedAt }),
    kinds: [...facts.kinds],
    missing: [...facts.missing],
  };
}

function stateOf({ kind, name, isRead, problem, kinds: all }: SourceFacts): Pick<PolicySource, 'state' | 'detail'> {
  const kinds = all.filter((each) => !ASIDE_KINDS.has(each.kind));
  if (kind === 'none') return { state: 'none', detail: NO_SOURCE };
  const failed = kinds.filter(({ state }) => state === 'failed');
  const forbidden = kinds.filter(({ state }) => state === 'forbidden');
  const nothing = kinds.every(({ objects }) => objects === 0);
  if (problem) return { state: nothing ? 'failed' : 'partial', detail: problem };
  if (failed.length > 0 && nothing) return { state: 'failed', detail: messagesOf(failed) };
  if (!isRead) return { state: 'starting', detail: `Reading ${name}.` };
  if (failed.length > 0 || forbidden.length > 0)
    return {
      state: forbidden.length === kinds.length ? 'failed' : 'partial',
      detail: `Reads ${name}, but ${messagesOf([...failed, ...forbidden])}`,
    };
  const absent = kinds.filter(({ state }) => state === 'not-installed').map((absentKind) => absentKind.kind);
  return { state: 'ready', detail: `Reads ${name}.${absent.length > 0 ? ` It has no ${absent.join(', ')}.` : ''}` };
}

/** At most three different messages: many kinds of a server that is away say the same. */
function messagesOf(kinds: readonly KindState[]): string {
  const messages = [...new Set(kinds.map(({ message }) => message))];
  const more = messages.length > 3 ? `; and ${messages.length - 3} more` : '';
  return `${messages.slice(0, 3).join('; ')}${more}.`.replace(/\.\.$/, '.');
}
