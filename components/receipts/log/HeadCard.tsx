'use client';
import { Download } from 'lucide-react';
import type { BatchList } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { buttonClass } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { GrowthCheck } from './GrowthCheck.tsx';

type Head = NonNullable<BatchList['head']>;

/** The newest signed head: who has seen it, the note to take elsewhere, and whether the log only grew since a head that one has. */
export function HeadCard({ cluster, head }: { cluster: string; head: Head }) {
  const file = `${cluster}-${head.size}.checkpoint`;
  return (
    <Card
      flush
      title="Signed head"
      hint={`one hash over ${exact(head.size)} ${head.size === 1 ? 'batch' : 'batches'}`}
      aside={
        <div className="flex items-center gap-2">
          <CopyButton text={head.note} label="Copy the checkpoint">
            Copy
          </CopyButton>
          <a
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(head.note)}`}
            download={file}
            className={buttonClass()}
            aria-label="Download the checkpoint"
          >
            <Download size={14} aria-hidden="true" />
            Checkpoint
          </a>
        </div>
      }
    >
      <div className="grid gap-x-6 gap-y-3 px-4 py-3 md:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-1.5 text-13">
          <p>
            <span className="text-20 font-title">{exact(head.size)}</span>{' '}
            <span className="text-ink-3">
              {head.size === 1 ? 'batch' : 'batches'}, signed <Time at={head.at} />
            </span>
          </p>
          <p className="flex min-w-0 items-start gap-1 text-12 text-ink-3">
            <span className="shrink-0">Root</span>
            <code className="min-w-0 font-mono break-all text-ink-2">{head.root}</code>
          </p>
          <Witnesses head={head} />
        </div>
        <GrowthCheck key={cluster} cluster={cluster} note={head.note} />
      </div>
    </Card>
  );
}

function Witnesses({ head: { witnesses } }: { head: Head }) {
  if (witnesses.length === 0)
    return (
      <p className="flex items-baseline gap-1.5 text-ink-2">
        <Mark name="trace" className="translate-y-0.5" />
        <span>No witness has seen this head yet: until one has, it rests on the word of this console.</span>
      </p>
    );
  return (
    <ul aria-label="Witnesses" className="flex flex-col gap-0.5">
      {witnesses.map(({ name, at }) => (
        <li key={name} className="flex items-baseline gap-1.5">
          <Mark name="pass" className="translate-y-0.5" />
          <span className="min-w-0 wrap-anywhere">
            seen by <span className="font-mono text-12">{visibleText(name)}</span>, <Time at={at} className="text-ink-3" />
          </span>
        </li>
      ))}
    </ul>
  );
}
