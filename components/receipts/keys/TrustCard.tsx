'use client';
import { Download } from 'lucide-react';
import type { KeyList } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { sha256Hex } from '#lib/receipts/hash.ts';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { bytes } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { shortHash } from '../receipt-words.ts';
import { useText } from '../verify/use-text.ts';
import { TRUST_URL } from '../verify/use-trust.ts';

/** The file by which others verify: to download, to compare, and whether a root stands behind it. */
export function TrustCard({ list, mayManage, onTakeOver }: TrustCardProps) {
  // It becomes another file when a key changes or a signed one is taken over.
  const version = `${list.keys.map(({ kid, state }) => `${kid} ${state}`).join()} ${list.root?.importedAt ?? ''}`;
  const { text, problem, loading, reload } = useText(TRUST_URL, version);
  return (
    <Card
      title="Trust bundle"
      hint="whom a verifier believes"
      aside={
        text !== undefined && (
          <a href={TRUST_URL} download="trust.json" className={buttonClass('plain', 'sm')}>
            <Download size={14} aria-hidden="true" />
            Download
          </a>
        )
      }
    >
      {loading && <SkeletonRows rows={3} label="Loading the trust bundle" />}
      {text === undefined && problem && <Failed problem={problem} onRetry={reload} className="p-0" />}
      {text !== undefined && (
        <div className="flex flex-col gap-3 text-13">
          <p className="text-ink-2">
            Keys with their states, logs, witnesses and quorum in one file. Give it to an auditor by another way than the
            receipts, or have them compare its hash.
          </p>
          <div className="flex items-start gap-2">
            <span className="min-w-0">
              <span className="block text-12 text-ink-3">SHA-256, {bytes(new TextEncoder().encode(text).length)}</span>
              <code className="block font-mono text-12 break-all">{sha256Hex(text)}</code>
            </span>
            <CopyButton text={sha256Hex(text)} label="Copy the SHA-256 of the trust bundle" look="quiet" />
          </div>
          <Root root={list.root} />
          {mayManage && (
            <div>
              <Button size="sm" onClick={onTakeOver}>
                {list.root ? 'Take over a newly signed bundle' : 'Have a root sign it'}
              </Button>
            </div>
          )}
        </div>
      )}
    </Card>
  );
}
interface TrustCardProps {
  list: KeyList;
  mayManage: boolean;
  onTakeOver: () => void;
}

function Root({ root }: { root: KeyList['root'] }) {
  if (!root)
    return (
      <p className="flex gap-2">
        <Mark name="trace" className="mt-1" />
        <span>No root has signed it: whoever verifies has to pin the file itself.</span>
      </p>
    );
  return (
    <p className="flex gap-2">
      <Mark name={root.isCurrent ? 'pass' : 'advice'} className="mt-1" />
      <span className="min-w-0 wrap-anywhere">
        Signed by root <code className="font-mono text-12">{shortHash(root.kid)}</code>, taken over by{' '}
        {visibleText(root.importedBy)} <Time at={root.importedAt} />.
        {!root.isCurrent &&
          ' Keys, logs or witnesses have changed since: have the present state signed, or who believes the root will not believe what is new.'}
      </span>
    </p>
  );
}
