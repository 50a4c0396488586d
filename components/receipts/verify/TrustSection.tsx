'use client';
import { visibleText } from '#lib/flow/text.ts';
import { timeWords } from '#lib/receipts/statement.ts';
import { Button } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { shortHash } from '../receipt-words.ts';
import { FileButton } from './FileButton.tsx';
import { TRUST_URL, type TrustChoice } from './use-trust.ts';

/** Whom the verification believes, where that came from, and what that is worth. */
export function TrustSection({ choice }: { choice: TrustChoice }) {
  const { trust, from, name, hash, problem, loading, choose, reset } = choice;
  return (
    <section aria-label="Trust bundle" className="flex flex-col gap-2 text-13">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="text-14 font-title">Trust bundle</h3>
        <a href={TRUST_URL} download="trust.json" className="ring-focus rounded-sm text-accent-text hover:underline">
          Download
        </a>
      </div>
      {loading && <output className="text-12 text-ink-3">Reading the console’s trust bundle</output>}
      {problem !== '' && (
        <p role="alert" className="flex gap-2 text-12">
          <Mark name="error" className="mt-0.5" />
          <span className="min-w-0 wrap-anywhere">
            {from === 'file' ? `${visibleText(name)} cannot be used: ` : 'This console gives no trust bundle: '}
            {visibleText(problem)}
          </span>
        </p>
      )}
      {trust && (
        <p className="text-12 text-ink-2">
          {from === 'file' ? (
            <>
              <span className="font-mono wrap-anywhere text-ink">{visibleText(name)}</span>, given by you
            </>
          ) : (
            'Of this console'
          )}
          , issued {timeWords(trust.file.issued_at)}: {trust.keys.size} {trust.keys.size === 1 ? 'key' : 'keys'},{' '}
          {trust.witnesses.size} {trust.witnesses.size === 1 ? 'witness' : 'witnesses'}, of which {trust.quorum} must have seen a
          head
          {trust.file.signature ? ', signed by a root key' : ', signed by no root key'}.
        </p>
      )}
      {hash !== undefined && (
        <p className="flex items-center gap-1 text-12 text-ink-3">
          <span className="font-mono" title={`sha256:${hash}`}>
            sha256:{shortHash(hash)}
          </span>
          <CopyButton text={hash} label="Copy the SHA-256 of the trust bundle" look="quiet" size="sm" />
        </p>
      )}
      {from === 'console' && trust && (
        <p className="flex gap-2 text-12 text-ink-2">
          <Mark name="advice" className="mt-0.5" />
          <span>
            It came from the console that made the receipt: this shows that the receipt is whole, not that the console is honest.
            Use a bundle that reached you by another way, or compare its hash.
          </span>
        </p>
      )}
      <div className="flex flex-wrap gap-2 print:hidden">
        <FileButton
          label="Trust bundle file"
          accept=".json,application/json"
          onFiles={([file]) => {
            if (file) void choose(file);
          }}
        >
          Use another bundle
        </FileButton>
        {from === 'file' && (
          <Button size="sm" look="quiet" onClick={reset}>
            Back to this console’s
          </Button>
        )}
      </div>
    </section>
  );
}
