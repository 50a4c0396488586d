'use client';
import { Download } from 'lucide-react';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { PolicySource } from '#lib/api/policies.ts';
import { Suggestion } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { downloadText } from '#components/flows/download.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { type Console, useConsole } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { exact } from '#components/ui/format.ts';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { ShortWindow } from '../ShortWindow.tsx';
import { usePost } from '../use-post.ts';
import { tuples, windowOf } from '../what-if/effect-words.ts';
import { SourceMissing } from '../why/SourceMissing.tsx';
import { SuggestForm } from './SuggestForm.tsx';
import { SuggestedPolicy } from './SuggestedPolicy.tsx';
import { SIDES, type Scope, suggestInput, suggestParams } from './suggest-input.ts';

const STATE = {
  ns: parseAsString,
  workload: parseAsString,
  side: parseAsStringLiteral(SIDES).withDefault('both'),
  l7: parseAsBoolean.withDefault(false),
};

/** The least set of policies that allows what was seen, each rule with the traffic it rests on. */
export function SuggestView() {
  const view = useConsole();
  const [scope, setScope] = useQueryStates(STATE, { history: 'push' });
  const source = useApi(`${view.api}/policies/source`, PolicySource);
  const noSource = source.data?.kind === 'none';
  const input = noSource ? null : suggestInput(scope, view);
  const state = usePost(`${view.api}/policies/suggest`, input, Suggestion);
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-4 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="Suggest" />
      <SuggestForm
        view={view}
        scope={scope}
        onChange={({ ns, workload, side, l7 }) => void setScope({ ns, workload, side, l7: l7 || null })}
      />
      <ShortWindow view={view} />
      {noSource ? (
        <Card title="Suggestion">
          <SourceMissing source={source.data} />
        </Card>
      ) : input === null ? (
        <Card title="Suggestion">
          <Empty className="p-0" title="Choose a namespace">
            The policies are made of the traffic that was seen in the time above: the least that allows it, with DNS, probes and
            the API server where they are used. Nothing is applied; the text is yours to try, change and copy.
          </Empty>
        </Card>
      ) : (
        <Loaded
          state={state}
          skeleton={
            <Card title="Suggestion" flush>
              <SkeletonRows rows={10} label="Making policies" />
            </Card>
          }
        >
          {(suggestion) => <Suggested suggestion={suggestion} scope={scope} view={view} />}
        </Loaded>
      )}
    </div>
  );
}

function Suggested({ suggestion, scope, view }: { suggestion: Suggestion; scope: Scope; view: Console }) {
  const { policies, guardRails, leftOut, yaml } = suggestion;
  if (policies.length === 0) {
    return (
      <Card title="Suggestion">
        <Empty className="p-0" title="There is nothing to make policies of">
          No traffic of this scope was seen in {windowOf(suggestion)} that a policy could allow.
        </Empty>
        <LeftOut leftOut={leftOut} />
      </Card>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Card
        title={`${exact(policies.length)} ${policies.length === 1 ? 'policy' : 'policies'}`}
        hint={`from traffic of ${windowOf(suggestion)}`}
      >
        <div className="flex flex-col gap-3">
          <Check check={suggestion.check} />
          {guardRails.length > 0 && (
            <ul aria-label="Added or left out on purpose" className="flex flex-col gap-1.5">
              {guardRails.map((sentence) => (
                <li key={sentence} className="flex gap-2.5 text-13 text-ink-2">
                  <Mark name="trace" className="mt-1" />
                  {visibleText(sentence)}
                </li>
              ))}
            </ul>
          )}
          <LeftOut leftOut={leftOut} />
          <div className="flex flex-wrap gap-2">
            <ButtonLink look="primary" href={view.hrefOf('policies/what-if', { load: 'suggest', ...suggestParams(scope) })}>
              Open in what-if
            </ButtonLink>
            <CopyButton text={yaml} label="Copy all policies as YAML">
              Copy YAML
            </CopyButton>
            <Button onClick={() => downloadText(`${scope.workload ?? scope.ns ?? 'policies'}.yaml`, 'application/yaml', yaml)}>
              <Download size={14} aria-hidden="true" /> Download
            </Button>
          </div>
        </div>
      </Card>
      {policies.map((policy) => (
        <SuggestedPolicy key={policy.policy} policy={policy} />
      ))}
    </div>
  );
}

/** The suggestion with the set in force, judged over the traffic it was made of. */
function Check({ check }: { check: Suggestion['check'] }) {
  const good = check.newlyDenied === 0;
  return (
    <p className="flex gap-2.5 text-13">
      <Mark name={good ? 'pass' : 'fail'} className="mt-1" />
      <span>
        <span className="font-label">
          {exact(check.newlyDenied)} newly denied, {exact(check.newlyAllowed)} newly allowed
        </span>{' '}
        of {tuples(check.tuples)} seen, judged with the set in force.
        {check.unknown > 0 && ` Of ${tuples(check.unknown)} it cannot be told.`}
      </span>
    </p>
  );
}

function LeftOut({ leftOut }: { leftOut: Suggestion['leftOut'] }) {
  if (leftOut.length === 0) return null;
  return (
    <div>
      <h3 className="text-12 font-label text-ink-2">No rule was made of</h3>
      <ul>
        {leftOut.map(({ reason, tuples: count, flows }) => (
          <li key={reason} className="flex flex-wrap items-baseline justify-between gap-x-4 text-13 text-ink-2">
            <span className="min-w-0 wrap-anywhere">{visibleText(reason)}</span>
            <span className="text-12 text-ink-3">
              {tuples(count)}, {exact(flows)} flows
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
