'use client';
import Link from 'next/link';
import { useMemo } from 'react';
import type { ReceiptDetail } from '#lib/api/receipts.ts';
import { Environment } from '#lib/api/common.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { StatementPart } from '#lib/receipts/statement.ts';
import { useConsole } from '#components/live/use-console.ts';
import { policyPath } from '#components/policies/links.ts';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { OutcomeChip } from '../verify/OutcomeChip.tsx';
import { outcomeOf, verifiedStanding } from '../verify/outcome.ts';
import { usePolicies } from '../verify/use-policies.ts';
import { useTrust } from '../verify/use-trust.ts';
import { useVerified } from '../verify/use-verified.ts';
import type { HereResult } from '../verify/verify-here.ts';
import { ReceiptActions } from './ReceiptActions.tsx';
import { ReceiptSheet } from './ReceiptSheet.tsx';
import type { PartHref } from './Statement.tsx';
import { useReceipt } from './use-receipt.ts';
import { VerificationPanel } from './VerificationPanel.tsx';
import { wayOf } from './way.ts';
import { WayToWitness } from './WayToWitness.tsx';

/** One receipt: what it says and does not say, and its verification, made by the reader’s own browser. */
export function ReceiptView({ id }: { id: string }) {
  const url = `/api/v1/receipts/${encodeURIComponent(id)}`;
  const { detail, file } = useReceipt(url);
  const trust = useTrust();
  const policies = usePolicies();
  const texts = useMemo(() => (file.text === undefined ? [] : [file.text]), [file.text]);
  const result = useVerified(texts, trust.trust, { policies: policies.hashes })?.[0];
  const problem = detail.data ? file.problem : detail.error;
  const { data } = detail;
  return (
    <div className="grid min-h-full xl:grid-cols-[minmax(0,1fr)_440px] print:block">
      <div className={cx('flex min-w-0 flex-col gap-4 px-3 py-3 md:px-8 md:py-5', detail.staleSince !== undefined && '*:stale')}>
        {detail.staleSince !== undefined && (
          <Stale
            asOf={detail.staleSince}
            problem={detail.error}
            className="max-w-[736px] rounded-md border border-line bg-surface"
          />
        )}
        {data ? (
          <Found id={id} url={url} data={data} result={result} unable={trust.problem !== '' || file.problem !== undefined} />
        ) : detail.error ? (
          <NotFound id={id} status={detail.error.status}>
            <Failed problem={detail.error} onRetry={detail.reload} />
          </NotFound>
        ) : (
          <div className="max-w-[736px] rounded-md border border-line bg-surface">
            <SkeletonRows rows={14} label="Loading the receipt" />
          </div>
        )}
      </div>
      {data && (
        <VerificationPanel
          result={result}
          trust={trust}
          policies={policies}
          file={`${id}.json`}
          problem={problem}
          onRetry={file.reload}
        />
      )}
    </div>
  );
}

function Found({ id, url, data, result, unable }: FoundProps) {
  const view = useConsole();
  const verification = result?.kind === 'verified' ? result.verification : undefined;
  const outcome = verification && outcomeOf(verification);
  // What was verified is what is shown, where something was.
  const receipt = verification?.receipt ?? data.receipt;
  const { proof, attestation } = receipt;
  const standing = verification && verifiedStanding(verification);
  const environment = Environment.safeParse(data.cluster.environment).data;
  const crumb = 'ring-focus rounded-sm hover:underline';
  return (
    <>
      <div className="flex max-w-[736px] flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <nav aria-label="Place" className="text-13 text-ink-3">
          <ol className="flex flex-wrap items-center">
            <li>
              <Link href={view.hrefOf('receipts')} className={crumb}>
                Receipts
              </Link>
            </li>
            {proof && (
              <li>
                <span aria-hidden="true" className="mx-2">
                  /
                </span>
                <Link href={view.hrefOf('receipts', { batch: String(proof.header.seq) })} className={crumb}>
                  Batch {exact(proof.header.seq)}
                </Link>
              </li>
            )}
            <li aria-current="page" className="font-label text-ink">
              <span aria-hidden="true" className="mx-2 font-body text-ink-3">
                /
              </span>
              Leaf {exact(attestation.leaf_index)}
            </li>
          </ol>
        </nav>
        <ReceiptActions url={url} logged={data.receipt.proof?.log !== undefined} />
      </div>
      <ReceiptSheet
        receipt={receipt}
        standing={standing}
        hrefOf={hrefOfPart(
          view,
          receipt.policy.map(({ ref }) => ref),
        )}
        chip={
          outcome ? (
            <OutcomeChip outcome={outcome} />
          ) : (
            <span className="text-12 text-ink-3">{unable || result ? 'not checked here' : 'being checked'}</span>
          )
        }
        note={outcome && !outcome.stands && <Broken words={outcome.long} />}
        cluster={
          <span className="inline-flex items-center gap-2">
            {environment && <EnvironmentTag environment={environment} />}
            <span className="font-mono text-12">{visibleText(data.cluster.name)}</span>
          </span>
        }
      />
      <WayToWitness key={id} way={wayOf(receipt, { witnesses: verification?.witnesses ?? [] })} />
    </>
  );
}

interface FoundProps {
  id: string;
  url: string;
  data: ReceiptDetail;
  result: HereResult | undefined;
  /** Nothing will be verified: there is no trust bundle or no file. */
  unable: boolean;
}

const Broken = ({ words }: { words: string }) => (
  <p role="alert" className="mb-4 flex gap-2 rounded-md bg-drop-tint px-3 py-2 text-13 text-drop-text">
    <Mark name="fail" className="mt-1" />
    <span className="min-w-0 wrap-anywhere">{words} What follows is what it says, and nothing of it may be relied on.</span>
  </p>
);

function NotFound({ id, status, children }: { id: string; status: number; children: React.ReactNode }) {
  const view = useConsole();
  if (status !== 404) return <div className="max-w-[736px] rounded-md border border-line bg-surface">{children}</div>;
  return (
    <div className="max-w-[736px] rounded-md border border-line bg-surface">
      <Empty
        title="There is no such receipt"
        action={
          <Link href={view.hrefOf('receipts')} className="ring-focus rounded-sm text-13 text-accent-text hover:underline">
            All receipts
          </Link>
        }
      >
        <span className="font-mono text-12 wrap-anywhere">{visibleText(id)}</span> is in no log of a cluster that you may see.
        Receipts are never taken away: if somebody gave you its file, verify that.
      </Empty>
    </div>
  );
}

/** Where a fact of the sentence leads. */
function hrefOfPart(view: ReturnType<typeof useConsole>, refs: readonly string[]): PartHref {
  return ({ kind, text }: StatementPart) => {
    switch (kind) {
      case 'policy': {
        const ref = refs.find((candidate) => candidate.endsWith(`:${text}`));
        return ref === undefined ? undefined : view.hrefOf(policyPath(ref));
      }
      case 'node':
        return view.hrefOf('flows', { filter: `node:${quoted(text)}` });
      case 'key':
      case 'witness':
        return view.hrefOf('receipts/keys');
      case 'checkpoint':
        return view.hrefOf('receipts/batches');
      default:
        return undefined;
    }
  };
}
