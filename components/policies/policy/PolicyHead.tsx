'use client';
import Link from 'next/link';
import { Terminal } from 'lucide-react';
import type { PolicyDetail } from '#lib/api/policies.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { policyParts } from '../links.ts';
import { PolicyName } from '../PolicyName.tsx';
import { getCommand } from '../policy-ref.ts';

/** Which policy it is, and what can be done with it. */
export function PolicyHead({ policy, detail }: { policy: string; detail: PolicyDetail | undefined }) {
  const view = useConsole();
  const parts = policyParts(policy);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 max-md:basis-full">
        <Link href={view.hrefOf('policies')} className="ring-focus rounded-sm text-14 text-ink-2 hover:underline">
          Policies
        </Link>
        <span aria-hidden="true" className="text-14 text-ink-3">
          /
        </span>
        <h1 className="min-w-0 text-16 font-title wrap-anywhere">
          <PolicyName policy={policy} className="[&>span]:text-16 [&>span]:whitespace-normal" />
        </h1>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {parts && (
          <span className="max-md:hidden">
            <CopyButton
              text={getCommand(parts)}
              label="Copy the kubectl command that prints it"
              icon={<Terminal size={14} aria-hidden="true" />}
            >
              Copy command
            </CopyButton>
          </span>
        )}
        {detail && (
          <CopyButton text={detail.yaml} label="Copy the text of the policy">
            Copy YAML
          </CopyButton>
        )}
        <ButtonLink look="primary" href={view.hrefOf('policies/what-if', { policy })}>
          Try a change
        </ButtonLink>
      </div>
    </div>
  );
}
