import { CopyButton } from '#components/ui/CopyButton.tsx';

/** How somebody who does not trust this page checks the same. */
export function Elsewhere({ file, quorum }: { file: string; quorum?: number | undefined }) {
  const command = `causeway verify ${file} --trust trust.json${quorum === undefined ? '' : ` --quorum ${quorum}`}`;
  return (
    <section aria-label="Check it elsewhere" className="flex flex-col gap-2 text-13">
      <h3 className="text-14 font-title">Check it elsewhere</h3>
      <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 font-mono text-12 wrap-anywhere">
          <span aria-hidden="true">$ </span>
          {command}
        </code>
        <CopyButton text={command} label="Copy the command" look="quiet" />
      </div>
      <p className="text-12 text-ink-3">
        Exit 0: every required step passes. Exit 5: valid, and the batch had gaps. The tool needs no network.
      </p>
    </section>
  );
}
