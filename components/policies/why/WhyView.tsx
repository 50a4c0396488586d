'use client';
import { parseAsString, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { PolicySource } from '#lib/api/policies.ts';
import { Explanation } from '#lib/api/what-if.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { visibleText } from '#lib/flow/text.ts';
import { JUDGED_LOOK } from '../Judgement.tsx';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { DirectionHead, DirectionWalk } from './DirectionWalk.tsx';
import { BeforeYouAllow, NearestChange, yamlOfNearest } from './NearestChange.tsx';
import { SourceMissing } from './SourceMissing.tsx';
import { tryHref } from './try-link.ts';
import { QUESTION_STATE } from './question-state.ts';
import { WhyForm } from './WhyForm.tsx';
import { type Asked, PARAMS, askedOfParams, paramsOfAsked, whyUrl } from './question.ts';

const STATE = {
  ...QUESTION_STATE,
  set: parseAsString.withDefault('in-force'),
};

/** "Why?" as a page: a question with a link of its own, and the walk that answers it. */
export function WhyView() {
  const view = useConsole();
  const [query, setQuery] = useQueryStates(STATE, { history: 'push' });
  const asked = useMemo(() => askedOfParams(query), [query]);
  const source = useApi(`${view.api}/policies/source`, PolicySource);
  const noSource = source.data?.kind === 'none';
  const answer = useApi(asked && !noSource ? whyUrl(view.api, asked, query.set) : null, Explanation);
  const ask = (next: Asked, set: string) => {
    const named = paramsOfAsked(next);
    const rest = Object.fromEntries(PARAMS.map((name) => [name, named[name] ?? null]));
    void setQuery({ ...rest, set: set === 'in-force' ? null : set });
  };
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-4 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="Why" />
      <WhyForm view={view} draft={query} onAsk={ask} />
      {noSource ? (
        <Card title="Answer">
          <SourceMissing source={source.data} />
        </Card>
      ) : asked === undefined ? (
        <Card title="Answer">
          <p className="max-w-prose text-13 text-ink-2">
            Name two ends and a port. The answer says which policies select each end, which rules came near and what they lacked,
            what decides, and the smallest change that would let it pass. Drops, flows and the lines of the map bring their own
            question along.
          </p>
        </Card>
      ) : answer.error && !answer.data ? (
        <Card title="Answer">
          <Failed problem={answer.error} onRetry={answer.reload} className="p-0" />
        </Card>
      ) : (
        <Loaded
          state={answer}
          skeleton={
            <Card title="Answer">
              <SkeletonRows rows={8} label="Judging" />
            </Card>
          }
        >
          {(explanation) => <Answer explanation={explanation} asked={asked} set={query.set} />}
        </Loaded>
      )}
    </div>
  );
}

function Answer({ explanation, asked, set }: { explanation: Explanation; asked: Asked; set: string }) {
  const view = useConsole();
  const { verdict, headline, question, nearest } = explanation;
  const { mark, text } = JUDGED_LOOK[verdict];
  return (
    <div className="flex flex-col gap-4">
      <section aria-label="Verdict" className="flex flex-col gap-1 rounded-md border border-line bg-surface px-4 py-3">
        <h2 className="flex items-baseline gap-2.5 text-16 font-title">
          <Mark name={mark} className="relative top-px" />
          <span className="min-w-0 wrap-anywhere">{visibleText(headline)}</span>
        </h2>
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 pl-5.5 text-12 text-ink-3">
          <PairName source={visibleText(question.from)} destination={visibleText(question.to)} />
          <span className="font-mono">
            {question.protocol}/{question.port}
          </span>
          {question.l7 !== '' && <span className="font-mono wrap-anywhere">{visibleText(question.l7)}</span>}
          <span className={text}>{JUDGED_LOOK[verdict].word}</span>
          <span>
            by {set === 'in-force' ? 'the set in force' : 'the candidate'}{' '}
            <span className="font-mono" title={explanation.set.hash}>
              {explanation.set.hash.slice(0, 8)}
            </span>
          </span>
        </p>
      </section>
      <div className="grid gap-4 lg:grid-cols-2">
        {(['egress', 'ingress'] as const).map((side, index) => (
          <Card
            key={side}
            title={
              <span className="flex flex-wrap items-baseline gap-x-2">
                {index + 1} <DirectionHead side={side} direction={explanation[side]} />
              </span>
            }
          >
            <DirectionWalk side={side} direction={explanation[side]} headed={false} />
          </Card>
        ))}
      </div>
      {nearest.length > 0 && (
        <section className="grid rounded-md border border-line bg-surface lg:grid-cols-2" aria-label="What would allow it">
          <div className="border-line bg-audit-tint p-4 max-lg:border-b lg:border-r">
            <BeforeYouAllow nearest={nearest} />
          </div>
          <div className="min-w-0 p-4">
            <NearestChange nearest={nearest} />
            <div className="mt-3 flex flex-wrap gap-2">
              <ButtonLink href={tryHref(view, asked, set)}>Try in what-if</ButtonLink>
              <CopyButton text={() => yamlOfNearest(nearest)} label="Copy the change as YAML">
                Copy YAML
              </CopyButton>
            </div>
          </div>
        </section>
      )}
    </div>
  );
}
