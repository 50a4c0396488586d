import { type Asked, type AskedParams, PARAMS, askedOfParams, paramsOfAsked } from '../why/question.ts';
import { SIDES, type Scope, suggestParams } from '../suggest/suggest-input.ts';

/** What a link loads into the editor. Pure. */
export type Origin =
  | { readonly kind: 'empty' }
  /** A stored candidate. */
  | { readonly kind: 'set'; readonly id: string }
  /** A policy in force. */
  | { readonly kind: 'policy'; readonly ref: string }
  /** All policies in force, standing alone. */
  | { readonly kind: 'all' }
  /** The smallest change that would allow what a question asks. */
  | { readonly kind: 'allow'; readonly asked: Asked; readonly set: string }
  /** What is suggested for a scope. */
  | { readonly kind: 'suggest'; readonly scope: Scope };

export interface OriginParams extends AskedParams {
  readonly load: string | null;
  readonly set: string | null;
  readonly policy: string | null;
  readonly ns: string | null;
  readonly workload: string | null;
  readonly side: Scope['side'];
  readonly l7: boolean;
}

export function originOf(params: OriginParams): Origin {
  switch (params.load) {
    case 'allow': {
      const asked = askedOfParams(params);
      return asked ? { kind: 'allow', asked, set: params.set ?? 'in-force' } : { kind: 'empty' };
    }
    case 'suggest': {
      const { ns, workload, side, l7 } = params;
      return ns === null ? { kind: 'empty' } : { kind: 'suggest', scope: { ns, workload, side, l7 } };
    }
    case 'all':
      return { kind: 'all' };
    default:
      if (params.set) return { kind: 'set', id: params.set };
      return params.policy ? { kind: 'policy', ref: params.policy } : { kind: 'empty' };
  }
}

/** The same for a link. */
export function paramsOf(origin: Origin): Record<string, string> {
  switch (origin.kind) {
    case 'empty':
      return {};
    case 'set':
      return { set: origin.id };
    case 'policy':
      return { policy: origin.ref };
    case 'all':
      return { load: 'all' };
    case 'allow':
      return { load: 'allow', ...paramsOfAsked(origin.asked), ...(origin.set === 'in-force' ? {} : { set: origin.set }) };
    case 'suggest':
      return { load: 'suggest', ...suggestParams(origin.scope) };
  }
}

/** An origin of its query text: what `keyOf` made of it. */
export function originOfText(text: string): Origin {
  const query = new URLSearchParams(text);
  const get = (name: string) => query.get(name);
  const side = SIDES.find((known) => known === get('side')) ?? 'both';
  const asked = Object.fromEntries(PARAMS.map((name) => [name, get(name)])) as AskedParams;
  const rest = { load: get('load'), set: get('set'), policy: get('policy'), ns: get('ns'), workload: get('workload') };
  return originOf({ ...asked, ...rest, side, l7: get('l7') === 'true' });
}

/** Names a draft: edits of one origin are not those of another. */
export const keyOf = (origin: Origin): string => new URLSearchParams(paramsOf(origin)).toString();

/** What it is called in the head of the page. */
export function originName(origin: Origin, setName: string | undefined): string {
  switch (origin.kind) {
    case 'empty':
      return 'New candidate';
    case 'set':
      return setName ?? 'Candidate';
    case 'policy':
      return origin.ref.replace(/^\w+:/, '');
    case 'all':
      return 'The whole set';
    case 'allow':
      return `Allow ${origin.asked.from} to ${origin.asked.to}`;
    case 'suggest':
      return `Suggested for ${origin.scope.workload === null ? origin.scope.ns : `${origin.scope.ns}/${origin.scope.workload}`}`;
  }
}
