'use client';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { AddPolicy, PolicyProblems } from '../verify/AddPolicy.tsx';
import { Elsewhere } from '../verify/Elsewhere.tsx';
import { outcomeOf } from '../verify/outcome.ts';
import { Steps } from '../verify/Steps.tsx';
import { TrustSection } from '../verify/TrustSection.tsx';
import type { ChosenPolicies } from '../verify/use-policies.ts';
import type { TrustChoice } from '../verify/use-trust.ts';
import type { HereResult } from '../verify/verify-here.ts';

/** The verification of the receipt beside it: each step, whom it believes, and how to do the same without this page. */
export function VerificationPanel({ result, trust, policies, file, problem, onRetry }: VerificationPanelProps) {
  const verified = result?.kind === 'verified' ? result : undefined;
  return (
    <aside
      aria-labelledby="verification"
      className="min-w-0 border-t border-line bg-surface xl:border-t-0 xl:border-l print:mt-6 print:border-0"
    >
      <div className="xl:sticky xl:top-0">
        <header className="flex min-h-11 flex-wrap items-baseline justify-between gap-x-3 border-b border-line px-4 py-3">
          <h2 id="verification" className="text-14 font-title">
            Verification
          </h2>
          <output className="text-12 text-ink-3">
            {verified && `in this browser, no network, ${verified.tookMs < 1 ? 'under 1' : Math.round(verified.tookMs)} ms`}
          </output>
        </header>
        {verified ? (
          <Steps verification={verified.verification} policyAction={<AddPolicy policies={policies} />} />
        ) : result?.kind === 'unable' ? (
          <Unable why={result.why} />
        ) : problem ? (
          <Failed problem={problem} onRetry={onRetry} />
        ) : trust.problem !== '' ? (
          <p className="border-b border-line px-4 py-3 text-13 text-ink-2">
            Without a trust bundle nothing can be verified: choose a file below.
          </p>
        ) : (
          <SkeletonRows rows={11} label="Verifying" />
        )}
        {verified && (
          <p className="border-b border-line px-4 py-3 text-12 text-ink-2">
            {visibleText(outcomeOf(verified.verification).long)}
          </p>
        )}
        <div className="flex flex-col gap-5 px-4 py-4">
          <PolicyProblems policies={policies} />
          <TrustSection choice={trust} />
          <Elsewhere file={file} />
        </div>
      </div>
    </aside>
  );
}
interface VerificationPanelProps {
  /** Undefined while nothing was found yet. */
  result: HereResult | undefined;
  trust: TrustChoice;
  policies: ChosenPolicies;
  /** Name under which the receipt is downloaded. */
  file: string;
  /** Why the file of the receipt cannot be read. */
  problem: Problem | undefined;
  onRetry: () => void;
}

/** The browser cannot check signatures: said plainly, with what can. */
export const Unable = ({ why }: { why: string }) => (
  <p role="alert" className="flex gap-2 border-b border-line px-4 py-3 text-13">
    <Mark name="unknown" className="mt-1" />
    <span>
      Nothing was verified here: {why}. Download the receipt and the trust bundle and use the command below, or open this console
      over HTTPS in a current browser.
    </span>
  </p>
);
