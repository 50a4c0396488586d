import type { DirectionExplanation } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Judgement } from '../Judgement.tsx';
import { PolicyLink, RuleLink } from '../PolicyName.tsx';
import { shownVerdict } from './observed.ts';

type Step = DirectionExplanation['steps'][number];
type Near = DirectionExplanation['near'][number];

const STEP_MARKS: Readonly<Record<Step['tone'], MarkName>> = {
  allowed: 'pass',
  denied: 'fail',
  note: 'trace',
  unknown: 'unknown',
};

/** One direction as a walk: who is judged, what decides step by step, and the rules that came near. */
export function DirectionWalk({ side, direction, headed = true }: WalkProps) {
  const { subject, steps, near, selecting, labels } = direction;
  return (
    <section aria-label={`${sideWord(side)} at ${subject}`} className="flex flex-col gap-2">
      {headed && (
        <h4 className="flex flex-wrap items-baseline gap-x-2 text-13 font-title">
          <DirectionHead side={side} direction={direction} />
        </h4>
      )}
      <ul className="flex flex-col gap-2">
        {steps.map((step) => (
          <li key={`${step.text} ${step.rule?.policy ?? ''} ${step.rule?.path ?? ''}`} className="flex gap-2.5">
            <Mark name={STEP_MARKS[step.tone]} className="mt-1" />
            <span className="min-w-0 text-13 wrap-anywhere">
              {visibleText(bare(step.text, `${sideWord(side)} at ${subject}: `))}
              {step.rule && (
                <>
                  {' '}
                  <RuleLink rule={step.rule} />
                </>
              )}
            </span>
          </li>
        ))}
        {near.map((rule, index) => (
          <NearRule key={`${rule.rule.policy} ${rule.rule.path}`} near={rule} first={index === 0} />
        ))}
      </ul>
      {(selecting.length > 0 || labels.length > 0) && (
        <details className="pl-5.5 text-12 text-ink-3">
          <summary className="ring-focus min-h-6 w-max max-w-full rounded-sm">
            {selectingWords(selecting.length)}, {labels.length === 1 ? '1 label' : `${labels.length} labels`}
          </summary>
          <ul className="mt-1 flex flex-col gap-0.5">
            {selecting.map(({ policy, rules, defaultDeny }) => (
              <li key={policy} className="flex flex-wrap items-baseline gap-x-2">
                <PolicyLink policy={policy} />
                <span>
                  {rules === 1 ? '1 rule' : `${rules} rules`}
                  {defaultDeny ? ', closes by default' : ', closes nothing'}
                </span>
              </li>
            ))}
          </ul>
          <ul aria-label="Labels" className="mt-1.5 flex flex-wrap gap-1">
            {labels.map((label) => (
              <li key={label} className="max-w-full rounded-sm bg-hover px-1.5 py-0.5 font-mono wrap-anywhere text-ink-2">
                {visibleText(label)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
interface WalkProps {
  side: 'egress' | 'ingress';
  direction: DirectionExplanation;
  /** Without a heading of its own where one stands above. */
  headed?: boolean;
}

/** Who is judged, and what comes of it. */
export function DirectionHead({ side, direction }: Pick<WalkProps, 'side' | 'direction'>) {
  return (
    <>
      <span>
        {sideWord(side)} at <span className="font-mono text-12 wrap-anywhere">{visibleText(direction.subject)}</span>
      </span>{' '}
      {direction.reason === 'not-subject' ? (
        <span className="text-12 font-body text-ink-3">not judged here</span>
      ) : (
        <Judgement verdict={shownVerdict(direction)} className="text-12 font-body" />
      )}
      {direction.audit && <span className="text-12 font-body text-audit-text">audit mode: only reported</span>}
    </>
  );
}

/** Who is judged stands above: a sentence need not begin with it. */
function bare(text: string, head: string): string {
  if (!text.startsWith(head)) return text;
  const rest = text.slice(head.length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

const selectingWords = (count: number): string =>
  count === 0 ? 'No policy selects it' : count === 1 ? '1 policy selects it' : `${count} policies select it`;

const sideWord = (side: 'egress' | 'ingress') => (side === 'egress' ? 'Egress' : 'Ingress');

/** A rule that covers all but what is named: what it wants, and what it got. */
function NearRule({ near, first }: { near: Near; first: boolean }) {
  return (
    <li className="flex gap-2.5">
      <Mark name="trace" className="mt-1" />
      <span className="min-w-0 text-13 wrap-anywhere">
        <RuleLink rule={near.rule} /> {first && 'came nearest'}
        <span className="block text-12 text-ink-3">{failedWords(near)}</span>
      </span>
    </li>
  );
}

/** `wants peer app=checkout-api, saw app=payments-db; wants port 8080, saw 5432`. */
export const failedWords = ({ failed, text }: Pick<Near, 'failed' | 'text'>): string =>
  failed.length === 0
    ? visibleText(text)
    : failed.map(({ what, wanted, got }) => `wants ${WHAT[what]}${visibleText(wanted)}, saw ${visibleText(got)}`).join('; ');

const WHAT: Readonly<Record<Near['failed'][number]['what'], string>> = {
  peer: 'peer ',
  port: 'port ',
  protocol: '',
  http: '',
  dns: 'name ',
  auth: 'authentication ',
};
