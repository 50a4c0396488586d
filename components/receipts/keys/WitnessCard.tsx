'use client';
import type { KeyList } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';

/** Who else sees the heads of the logs, and how many of them a verifier asks for. */
export function WitnessCard({ list: { witnesses, quorum } }: { list: KeyList }) {
  return (
    <Card flush title="Witnesses" hint={witnesses.length > 0 ? `${quorum} of ${witnesses.length} needed` : undefined}>
      {witnesses.length === 0 ? (
        <Empty title="No witness">
          Nobody but this console has seen its logs: it could show different ones to different people, and after the loss of a key
          nothing that it signed could be proved. Another team runs one with{' '}
          <code className="font-mono text-12">causeway witness</code>; name it in{' '}
          <code className="font-mono text-12 wrap-anywhere">CAUSEWAY_WITNESSES</code>.
        </Empty>
      ) : (
        <ul className="flex flex-col">
          {witnesses.map(({ name, url, lastSeen, problem }) => (
            <li key={name} className="flex items-start gap-2 border-t border-line px-4 py-2 text-13 first:border-t-0">
              <Mark name={problem === '' ? 'pass' : 'gap'} className="mt-1" />
              <span className="min-w-0">
                <span className="block font-title wrap-anywhere">{visibleText(name)}</span>
                <span className="block font-mono text-12 wrap-anywhere text-ink-3">{visibleText(url)}</span>
                <span className="block text-12 text-ink-2">
                  {lastSeen === undefined ? (
                    visibleText(problem)
                  ) : (
                    <>
                      saw a head <Time at={lastSeen} />
                      {problem !== '' && `; ${visibleText(problem)}`}
                    </>
                  )}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
