'use client';
import { Download, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useParams } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { type Capture, CaptureList } from '#lib/api/captures.ts';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { MixBar } from '#components/charts/MixBar.tsx';
import { problemOf } from '#components/live/api.ts';
import { useApi } from '#components/live/use-api.ts';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { bytes, exact, utc } from '#components/ui/format.ts';
import { cx } from '#components/ui/cx.ts';
import { captureUrl, capturesUrl, deleteCapture } from './capture-api.ts';
import { BadLines } from './BadLines.tsx';
import { ImportFile } from './ImportFile.tsx';

/** Captures of a cluster: recordings taken here and imported files, opened with the same views as live traffic. */
export function CapturesView({ mayWrite }: { mayWrite: boolean }) {
  const { cluster } = useParams<{ cluster: string }>();
  const [refreshMs, setRefreshMs] = useState(10_000);
  const { data, error, loading, staleSince, reload } = useApi(capturesUrl(cluster), CaptureList, { refreshMs });
  const running = data?.captures.some(({ state }) => state === 'running') ?? false;
  const wanted = running ? 1_000 : 10_000;
  if (wanted !== refreshMs) setRefreshMs(wanted);
  return (
    <div className="mx-auto flex max-w-[1040px] flex-col gap-4 px-3 py-3 md:px-6 md:py-5">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h1 className="text-20 font-title">Captures</h1>
        <Link
          href={`/c/${encodeURIComponent(cluster)}/flows`}
          className="ring-focus rounded-sm text-13 text-accent-text hover:underline"
        >
          Live flows
        </Link>
      </div>
      {mayWrite && <ImportFile cluster={cluster} onImported={reload} />}
      <Card
        flush
        title="Kept flows"
        hint={data && `${data.captures.length} ${data.captures.length === 1 ? 'capture' : 'captures'}`}
      >
        {staleSince !== undefined && <Stale asOf={staleSince} problem={error} />}
        {loading && <SkeletonRows rows={4} dense={false} />}
        {!data && error && <Failed problem={error} onRetry={reload} />}
        {data?.captures.length === 0 && (
          <Empty title="No captures yet">
            {mayWrite ? (
              <>
                Save one on the Flows page, import a file above, or run{' '}
                <code className="font-mono text-12">causeway import flows FILE</code>.
              </>
            ) : (
              'Operators and approvers of this cluster save flows or import files of them. You can open, compare and download what they keep.'
            )}
          </Empty>
        )}
        <ul className={cx(staleSince !== undefined && 'stale')}>
          {data?.captures.map((capture) => (
            <CaptureItem key={capture.id} cluster={cluster} capture={capture} mayWrite={mayWrite} onChanged={reload} />
          ))}
        </ul>
      </Card>
    </div>
  );
}

interface ItemProps {
  cluster: string;
  capture: Capture;
  mayWrite: boolean;
  onChanged: () => void;
}

const SOURCES = { live: 'recorded live', ring: 'from what was held', file: 'imported file' } as const;

function CaptureItem({ cluster, capture, mayWrite, onChanged }: ItemProps) {
  const open = (page: string) => `/c/${encodeURIComponent(cluster)}/${page}?capture=${encodeURIComponent(capture.id)}`;
  const ready = capture.state === 'complete';
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <State capture={capture} />
        {ready ? (
          <Link
            href={open('flows')}
            className="ring-focus min-w-0 rounded-sm text-14 font-label wrap-anywhere text-accent-text hover:underline"
          >
            {visibleText(capture.name)}
          </Link>
        ) : (
          <span className="min-w-0 text-14 font-label wrap-anywhere">{visibleText(capture.name)}</span>
        )}
        <span className="text-12 text-ink-3">
          {SOURCES[capture.source]}, <Time at={capture.createdAt} /> by {visibleText(capture.createdBy)}
        </span>
        <span className="ml-auto flex items-center gap-1">
          {ready && (
            <>
              <Link href={open('map')} className={buttonClass('quiet', 'sm')}>
                Map
              </Link>
              <Link href={open('drops')} className={buttonClass('quiet', 'sm')}>
                Drops
              </Link>
              <Link href={open('policies/audit')} className={buttonClass('quiet', 'sm')}>
                Audit
              </Link>
              <a href={`${captureUrl(cluster, capture.id)}/download`} download className={buttonClass('quiet', 'sm')}>
                <Download size={13} aria-hidden="true" />
                Download
              </a>
            </>
          )}
          {mayWrite && <DeleteButton cluster={cluster} capture={capture} onChanged={onChanged} />}
        </span>
      </div>
      <dl className="flex flex-wrap items-center gap-x-5 gap-y-1 text-12">
        <Figure label="Flows">
          <span className="num">{exact(capture.flows)}</span>
        </Figure>
        {capture.from !== undefined && capture.to !== undefined && (
          <Figure label="Time">
            {utc(capture.from)} to {utc(capture.to)}
          </Figure>
        )}
        <Figure label="Size">{bytes(capture.sizeBytes)}</Figure>
        {capture.filter !== '' && (
          <Figure label="Filter">
            <code className="font-mono wrap-anywhere">{visibleText(capture.filter)}</code>
          </Figure>
        )}
      </dl>
      {capture.flows > 0 && <MixBar verdicts={capture.verdicts} height={4} className="max-w-96" />}
      {capture.note !== '' && <p className="text-12 text-ink-2">{visibleText(capture.note)}</p>}
      <BadLines capture={capture} />
    </li>
  );
}

const Figure = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="flex items-baseline gap-1.5">
    <dt className="text-ink-3">{label}</dt>
    <dd>{children}</dd>
  </div>
);

function State({ capture }: { capture: Capture }) {
  if (capture.state === 'complete') return <Mark name="pass" label="complete" />;
  if (capture.state === 'failed')
    return (
      <span className="flex items-center gap-1.5 text-12 text-error-text">
        <Mark name="error" /> failed
      </span>
    );
  return (
    <span className="flex items-center gap-1.5 text-12 text-ink-2">
      <Mark name="forwarded" /> recording
    </span>
  );
}

function DeleteButton({ cluster, capture, onChanged }: Omit<ItemProps, 'mayWrite'>) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const remove = async () => {
    try {
      await deleteCapture(cluster, capture.id);
      onChanged();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  if (problem)
    return (
      <span role="alert" className="text-12 text-drop-text">
        {problem.detail ?? problem.title}
      </span>
    );
  if (!asked)
    return (
      <Button look="quiet" size="sm" aria-label={`Delete ${capture.name}`} onClick={() => setAsked(true)}>
        <Trash2 size={13} aria-hidden="true" />
      </Button>
    );
  return (
    <>
      <Button look="danger" size="sm" onClick={() => void remove()}>
        Delete {exact(capture.flows)} flows for good
      </Button>
      <Button look="quiet" size="sm" onClick={() => setAsked(false)}>
        Keep
      </Button>
    </>
  );
}
