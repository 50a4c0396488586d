'use client';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Card } from '#components/ui/Card.tsx';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';

type Nats = AttestationStatus['nats'];

const STATE: Readonly<Record<Nats['state'], { readonly mark: MarkName; readonly words: string }>> = {
  off: { mark: 'trace', words: 'Not used: flows come from the relay, and receipts stay in this console.' },
  connected: { mark: 'pass', words: 'Connected.' },
  reconnecting: { mark: 'stale', words: 'Connecting again. What is to be sent waits in the database.' },
  failed: { mark: 'fail', words: 'It does not work.' },
};

/** The way out of this machine: what came in by NATS, what went out, and what nobody could read. */
export function NatsCard({ nats }: { nats: Nats }) {
  const { mark, words } = STATE[nats.state];
  return (
    <Card flush title="NATS" hint={nats.state === 'off' ? undefined : 'since ingest started'}>
      <div className="flex flex-col gap-3 px-4 py-3 text-13">
        <p className="flex items-baseline gap-1.5">
          <Mark name={mark} className="translate-y-0.5" />
          <span className="min-w-0 wrap-anywhere">
            {words} {visibleText(nats.detail)}
          </span>
        </p>
        {nats.state === 'off' ? (
          <p className="text-12 text-ink-3">
            With <code className="font-mono">CAUSEWAY_NATS_URL</code> flows are taken from JetStream as well, and attestations are
            published there.
          </p>
        ) : (
          <dl className="grid grid-cols-2 gap-x-4 gap-y-1.5 sm:grid-cols-[max-content_1fr_max-content_1fr]">
            <Count name="taken in" value={nats.consumed} />
            <Count name="sent" value={nats.published} />
            <Count name="seen before" value={nats.duplicates} />
            <Count name="waiting" value={nats.pending} />
            <Count name="put aside as unreadable" value={nats.parked} bad />
          </dl>
        )}
      </div>
    </Card>
  );
}

const Count = ({ name, value, bad = false }: { name: string; value: number; bad?: boolean }) => (
  <>
    <dt className="text-ink-3">{name}</dt>
    <dd className="num flex items-center gap-1.5">
      {bad && value > 0 && <Mark name="advice" />}
      <Num value={value} />
    </dd>
  </>
);
