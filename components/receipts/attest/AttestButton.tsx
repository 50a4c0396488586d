'use client';
import { Stamp } from 'lucide-react';
import Link from 'next/link';
import { type FormEvent, useId, useState } from 'react';
import { AttestAnswer } from '#lib/api/receipts.ts';
import type { Problem } from '#lib/api/common.ts';
import { callApi, problemOf } from '#components/live/api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { receiptPath } from '../receipt-words.ts';

/** What is to be attested: flows by their uuid, or those held that a filter matches. */
export type Attested = { readonly uuids: readonly string[] } | { readonly filter: string };

/** Flows that one request attests at most. */
const MOST_FLOWS = 500;
const LEAST_REASON = 3;

/** Asks for receipts of flows that the console still holds, with a reason that the audit log keeps. */
export function AttestButton({ what, label = 'Attest', size = 'sm', onDone }: AttestButtonProps) {
  const id = useId();
  const view = useConsole();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<AttestAnswer>();
  const [problem, setProblem] = useState<Problem>();

  const attest = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { body } = await callApi(`${view.api}/receipts`, AttestAnswer, {
        method: 'POST',
        json: { ...what, reason: reason.trim() },
      });
      setAnswer(body);
      onDone?.();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void attest();
  };
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    if (!next) return;
    setReason('');
    setAnswer(undefined);
    setProblem(undefined);
  };
  return (
    <Popover
      label="Attest flows"
      open={open}
      onOpenChange={onOpenChange}
      trigger={
        <Button size={size}>
          <Stamp size={12} aria-hidden="true" />
          {label}
        </Button>
      }
      className="w-92"
    >
      {answer ? (
        <Done answer={answer} />
      ) : (
        <form onSubmit={onSubmit} className="flex flex-col gap-3 p-4">
          <p className="text-13 text-ink-2">
            {'uuids' in what ? (
              'This flow gets a receipt of its own.'
            ) : what.filter.trim() === '' ? (
              `The newest ${exact(MOST_FLOWS)} flows held get a receipt each.`
            ) : (
              <>
                Each flow held that matches <code className="font-mono text-12 wrap-anywhere">{what.filter}</code> gets a receipt,
                the newest {exact(MOST_FLOWS)} of them.
              </>
            )}{' '}
            It says what Hubble reported, not that it was right.
          </p>
          <div className="flex flex-col gap-1">
            <label htmlFor={id} className="text-12 font-label text-ink-2">
              Reason, kept in the audit log
            </label>
            <input
              id={id}
              required
              minLength={LEAST_REASON}
              maxLength={500}
              value={reason}
              onChange={({ target }) => setReason(target.value)}
              placeholder="incident 4711"
              className={cx(inputClass, 'w-full')}
            />
          </div>
          {problem && <Failed problem={problem} className="p-0" />}
          <Button look="primary" type="submit" disabled={busy || reason.trim().length < LEAST_REASON} className="self-start">
            {busy ? 'Attesting' : 'Attest'}
          </Button>
        </form>
      )}
    </Popover>
  );
}
interface AttestButtonProps {
  what: Attested;
  label?: string;
  size?: 'sm' | 'md';
  /** Receipts were made. */
  onDone?: () => void;
}

function Done({ answer: { receipts, missing } }: { answer: AttestAnswer }) {
  const view = useConsole();
  const [first] = receipts;
  return (
    <div className="flex flex-col items-start gap-2 p-4">
      <output className="text-13 font-title">
        {receipts.length === 0
          ? 'Nothing to attest'
          : `${exact(receipts.length)} ${receipts.length === 1 ? 'receipt is' : 'receipts are'} written`}
      </output>
      {(receipts.length === 0 || missing.length > 0) && (
        <p className="text-13 text-ink-2">
          {missing.length > 0
            ? `${exact(missing.length)} of the flows ${missing.length === 1 ? 'is' : 'are'} no longer held: the console keeps the newest.`
            : 'No flow that is held matches.'}
        </p>
      )}
      {first !== undefined && (
        <Link
          href={receipts.length === 1 ? view.hrefOf(receiptPath(first)) : view.hrefOf('receipts', { class: 'attested' })}
          className="ring-focus rounded-sm text-13 text-accent-text hover:underline"
        >
          {receipts.length === 1 ? 'Open the receipt' : 'Open the receipts'}
        </Link>
      )}
    </div>
  );
}
