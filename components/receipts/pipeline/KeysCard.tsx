'use client';
import type { KeyList, SigningKey } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { shortHash } from '../receipt-words.ts';

/** What signs now, and who is asked to see the heads. */
export function KeysCard({ keys }: { keys: ApiState<KeyList> }) {
  const view = useConsole();
  return (
    <Card
      flush
      title="Keys and witnesses"
      aside={
        <ButtonLink size="sm" href={view.hrefOf('receipts/keys')}>
          All keys
        </ButtonLink>
      }
    >
      <Loaded state={keys}>{(list) => <Lines list={list} />}</Loaded>
    </Card>
  );
}

function Lines({ list: { keys, witnesses, quorum, problem, warnings } }: { list: KeyList }) {
  return (
    <div className="flex flex-col gap-3 px-4 py-3 text-13">
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        {(['receipt', 'checkpoint'] as const).map((role) => (
          <KeyLine key={role} role={role} signing={keys.find((key) => key.role === role && key.signs)} />
        ))}
      </dl>
      {[problem, ...warnings].filter(Boolean).map((sentence) => (
        <p key={sentence} className="flex items-baseline gap-1.5 wrap-anywhere">
          <Mark name={sentence === problem ? 'fail' : 'advice'} className="translate-y-0.5" />
          {visibleText(sentence)}
        </p>
      ))}
      <div>
        <h3 className="mb-1 text-12 font-label text-ink-3">
          Witnesses{witnesses.length > 0 && `, ${exact(quorum)} of ${exact(witnesses.length)} needed`}
        </h3>
        {witnesses.length === 0 && (
          <p className="text-ink-2">
            None is asked. Until somebody else has seen its heads, the log rests on the word of this console: another team can run{' '}
            <code className="font-mono text-12">causeway witness</code>.
          </p>
        )}
        <ul className="flex flex-col gap-1">
          {witnesses.map(({ name, lastSeen, problem: trouble }) => (
            <li key={name} className="flex items-baseline gap-1.5">
              <Mark name={trouble === '' ? 'pass' : 'advice'} className="translate-y-0.5" />
              <span className="min-w-0 wrap-anywhere">
                <span className="font-mono text-12">{visibleText(name)}</span>{' '}
                {trouble === '' ? (
                  <>
                    last saw a head <Time at={lastSeen} />
                  </>
                ) : (
                  visibleText(trouble)
                )}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function KeyLine({ role, signing }: { role: SigningKey['role']; signing: SigningKey | undefined }) {
  return (
    <>
      <dt className="text-ink-3">{role === 'receipt' ? 'Receipts' : 'Heads'}</dt>
      <dd className="flex min-w-0 items-baseline gap-1.5">
        <Mark name={signing ? 'pass' : 'fail'} className="translate-y-0.5" />
        {signing ? (
          <span className="min-w-0">
            signed by{' '}
            <span className="font-mono text-12" title={signing.kid}>
              {shortHash(signing.kid)}
            </span>
            , since <Time at={signing.validFrom} />
          </span>
        ) : (
          'no key signs them now'
        )}
      </dd>
    </>
  );
}
