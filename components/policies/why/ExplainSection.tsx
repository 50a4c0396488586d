'use client';
import Link from 'next/link';
import { PolicySource } from '#lib/api/policies.ts';
import { Explanation } from '#lib/api/what-if.ts';
import { type ApiState, useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { visibleText } from '#lib/flow/text.ts';
import { DirectionWalk } from './DirectionWalk.tsx';
import { BeforeYouAllow, NearestChange } from './NearestChange.tsx';
import { SourceMissing } from './SourceMissing.tsx';
import { type Observed, expectedOf } from './observed.ts';
import { type Asked, paramsOfAsked, whyUrl } from './question.ts';

/** What the policies in force say to a question, for a drawer. Without a source of policies it says so and how to get one. */
export interface Explained {
  readonly asked: Asked | undefined;
  /** There is no source of policies: nothing can be judged. */
  readonly noSource: PolicySource | undefined;
  readonly answer: ApiState<Explanation>;
  /** What is asked is not known yet. */
  readonly pending: boolean;
}

/** `pending`: what is asked depends on a flow that is on its way. */
export function useExplained(view: Console, asked: Asked | undefined, pending = false): Explained {
  const source = useApi(asked === undefined ? null : `${view.api}/policies/source`, PolicySource);
  const noSource = source.data?.kind === 'none' ? source.data : undefined;
  const answer = useApi(asked === undefined || noSource !== undefined ? null : whyUrl(view.api, asked), Explanation);
  return { asked, noSource, answer, pending };
}

/** The answer of the engine as parts of a drawer: the two directions, what to weigh, the smallest change. */
export function ExplainSection({ explained, view, observed, advice }: ExplainSectionProps) {
  const { asked, noSource, answer, pending } = explained;
  const explanation = answer.changing ? undefined : answer.data;
  return (
    <>
      <DrawerSection
        title="What the policies say"
        aside={
          asked && !noSource ? (
            <Link
              className="ring-focus rounded-sm text-accent-text hover:underline"
              href={view.hrefOf('policies/why', paramsOfAsked(asked))}
            >
              Open in Why
            </Link>
          ) : undefined
        }
      >
        {asked === undefined && pending ? (
          <SkeletonRows rows={6} label="Judging" />
        ) : asked === undefined ? (
          <p className="text-13 text-ink-2">
            No question can be put to the policies: an end, the port or the protocol is not known exactly. A single flow of it
            says more.
          </p>
        ) : noSource ? (
          <SourceMissing source={noSource} />
        ) : explanation === undefined ? (
          answer.error ? (
            <Failed problem={answer.error} onRetry={answer.reload} className="p-0" />
          ) : (
            <SkeletonRows rows={6} label="Judging" />
          )
        ) : (
          <>
            {answer.staleSince !== undefined && <Stale asOf={answer.staleSince} problem={answer.error} className="px-0" />}
            <div className="flex flex-col gap-4">
              <DirectionWalk side="egress" direction={explanation.egress} />
              <DirectionWalk side="ingress" direction={explanation.ingress} />
            </div>
            {observed !== undefined && <Agreement expected={expectedOf(explanation, observed)} observed={observed} />}
          </>
        )}
      </DrawerSection>
      {(advice !== undefined || (explanation && explanation.nearest.length > 0)) && (
        <DrawerSection tone="advice">
          <BeforeYouAllow nearest={explanation?.nearest ?? []} advice={advice} />
        </DrawerSection>
      )}
      {explanation && explanation.nearest.length > 0 && (
        <DrawerSection>
          <NearestChange nearest={explanation.nearest} />
        </DrawerSection>
      )}
    </>
  );
}
interface ExplainSectionProps {
  explained: Explained;
  view: Console;
  /** Hubble's verdict on it, to compare with. Absent where that says nothing about policy. */
  observed?: Observed | undefined;
  /** What else to weigh before it is allowed. */
  advice?: string | undefined;
}

/** Expected beside observed, of the direction in which it was observed. Unknown agrees with nothing. */
export function Agreement({ expected, observed }: { expected: Explanation['verdict']; observed: Observed }) {
  const [mark, rest] =
    expected === 'unknown'
      ? (['unknown', 'It cannot be told whether they agree.'] as const)
      : (expected !== 'allowed') === observed.denied
        ? (['pass', 'The policies in force agree with what was seen.'] as const)
        : ([
            'advice',
            'They do not agree: the policies changed since, the connection is older than they are, or another cause decided.',
          ] as const);
  return (
    <p className="mt-3 flex gap-2.5 text-12 text-ink-2">
      <Mark name={mark} className="mt-0.5" />
      <span>
        Expected {expected}, observed {visibleText(observed.verdict)}. {rest}
      </span>
    </p>
  );
}
