'use client';
import { useMemo, useState } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { Page } from '#components/frame/Page.tsx';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { AddPolicy, PolicyProblems } from './AddPolicy.tsx';
import { Elsewhere } from './Elsewhere.tsx';
import { type ChosenFile, readChosen } from './read-files.ts';
import { TrustSection } from './TrustSection.tsx';
import { usePolicies } from './use-policies.ts';
import { useTrust } from './use-trust.ts';
import { useVerified } from './use-verified.ts';
import { VerifiedFile } from './VerifiedFile.tsx';
import { notRead, type HereResult } from './verify-here.ts';

/** Files looked at together. */
const MOST_FILES = 50;
const MOST_QUORUM = 50;

/** Verifies receipts that somebody has, from wherever they came: in this browser, which sends nothing of them anywhere. */
export function VerifyView() {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [pasted, setPasted] = useState('');
  const [quorumText, setQuorum] = useState('');
  const trust = useTrust();
  const policies = usePolicies();
  const texts = useMemo(() => files.flatMap((file) => ('text' in file ? [file.text] : [])), [files]);
  const quorum = quorumOf(quorumText);
  const results = useVerified(texts, trust.trust, { quorum, policies: policies.hashes });
  const add = (more: readonly ChosenFile[]) => setFiles([...more, ...files].slice(0, MOST_FILES));
  const take = async (chosen: readonly File[]) => add(await readChosen(chosen));
  const [single] = files;
  return (
    <Page title="Verify a receipt" hint="in this browser: nothing of the file is sent anywhere">
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_400px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Receipt" hint="JSON, DSSE envelope or tlog-proof">
            <DropFiles
              className="p-4"
              action="Choose files"
              look="primary"
              label="Receipt files"
              note="or drop them here. They are read by this page alone and forgotten when you leave it."
              accept=".json,.dsse,.tlog-proof,.txt,application/json"
              multiple
              busy={false}
              onFiles={(chosen) => void take(chosen)}
            >
              <textarea
                aria-label="Receipt as text"
                placeholder="or paste its text"
                value={pasted}
                onChange={({ target }) => setPasted(target.value)}
                spellCheck={false}
                rows={4}
                className={cx(inputClass, 'h-auto w-full resize-y py-2 font-mono text-12 md:h-auto')}
              />
              <div className="flex flex-wrap gap-2">
                <Button
                  disabled={pasted.trim() === ''}
                  onClick={() => {
                    add([{ name: 'Pasted text', text: pasted }]);
                    setPasted('');
                  }}
                >
                  Verify the text
                </Button>
                {files.length > 0 && (
                  <Button look="quiet" onClick={() => setFiles([])}>
                    Clear
                  </Button>
                )}
              </div>
            </DropFiles>
          </Card>
          {files.length === 0 ? (
            <Empty title="No receipt yet" className="rounded-md border border-line bg-surface">
              A receipt is what a witness recorded that Hubble reported. Whoever has its file and a trust bundle can check it:
              here, or with the command beside.
            </Empty>
          ) : !trust.trust ? (
            <Empty title="Nothing can be verified yet" className="rounded-md border border-line bg-surface">
              {trust.loading
                ? 'The console’s trust bundle is being read.'
                : 'Without a trust bundle nobody knows which keys to believe: choose a file at the side.'}
            </Empty>
          ) : results === undefined ? (
            <div className="rounded-md border border-line bg-surface">
              <SkeletonRows rows={11} label="Verifying" />
            </div>
          ) : (
            withResults(files, results).map(({ key, name, result }) => (
              <VerifiedFile
                key={key}
                name={name}
                result={result}
                policyAction={<AddPolicy policies={policies} />}
                open={files.length === 1}
              />
            ))
          )}
        </div>
        <aside aria-label="Whom to believe" className="flex flex-col gap-5 rounded-md border border-line bg-surface p-4">
          <TrustSection choice={trust} />
          <section className="flex flex-col gap-2 text-13">
            <h3 className="text-14 font-title">Witnesses needed</h3>
            <label className="flex items-center gap-2">
              <input
                type="number"
                min={0}
                max={MOST_QUORUM}
                value={quorumText}
                onChange={({ target }) => setQuorum(target.value)}
                placeholder={trust.trust ? String(trust.trust.quorum) : ''}
                aria-label="Witnesses that must have seen the head"
                className={cx(inputClass, 'w-20')}
              />
              <span className="text-12 text-ink-3">
                {quorum === undefined ? 'as the bundle asks' : 'instead of what the bundle asks'}
              </span>
            </label>
          </section>
          <section className="flex flex-col gap-2 text-13">
            <h3 className="text-14 font-title">Policies to compare</h3>
            <p className="text-12 text-ink-3">
              {policies.hashes === undefined
                ? 'None given. As the API server returns them: kubectl get -o yaml.'
                : `${policies.hashes.size} ${policies.hashes.size === 1 ? 'policy' : 'policies'} given.`}
            </p>
            <PolicyProblems policies={policies} />
            <div>
              <AddPolicy policies={policies} />
            </div>
          </section>
          <Elsewhere file={single && !single.name.includes(' ') ? visibleText(single.name) : 'receipt.json'} quorum={quorum} />
        </aside>
      </div>
    </Page>
  );
}

/** Undefined for what is no number of witnesses: the bundle’s counts. */
function quorumOf(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= MOST_QUORUM ? Number(text) : undefined;
}

/** Each file with what was found; those that hold no text were never verified. */
function withResults(files: readonly ChosenFile[], results: readonly HereResult[]) {
  let next = 0;
  return files.map((file, index) => {
    const key = `${files.length - index} ${file.name}`;
    if ('problem' in file)
      return { key, name: file.name, result: { kind: 'verified', verification: notRead(file.problem), tookMs: 0 } as const };
    const result = results[next];
    next += 1;
    return { key, name: file.name, result };
  });
}
