import Link from 'next/link';
import type { ReactNode } from 'react';
import { Card } from '#components/ui/Card.tsx';
import { Mark, VerdictText } from '#components/ui/Mark.tsx';
import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';

/** Which version this is, where its API is described, and what the marks mean. */
export function About({ version, node }: { version: string; node: string }) {
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Card title="This console">
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-13">
          <Fact name="Version">{version}</Fact>
          <Fact name="Runs on">Node.js {node.replace(/^v/, '')}</Fact>
          <Fact name="License">Apache-2.0</Fact>
          <Fact name="API">
            <Link prefetch={false} className="text-accent-text underline" href="/api/v1/openapi.json">
              OpenAPI 3.1 description
            </Link>
          </Fact>
          <Fact name="Times">UTC everywhere, local on hover</Fact>
        </dl>
      </Card>
      <Card title="What the marks mean">
        <ul className="flex flex-col gap-1.5 text-13">
          {VERDICTS.filter((verdict) => verdict !== 'VERDICT_UNKNOWN').map((verdict) => (
            <li key={verdict} className="grid grid-cols-[9rem_1fr] items-baseline gap-2">
              <VerdictText verdict={verdict} />
              <span className="text-ink-2">{VERDICT_MEANING[verdict]}</span>
            </li>
          ))}
          <li className="grid grid-cols-[9rem_1fr] items-baseline gap-2">
            <span className="flex items-center gap-1.5">
              <Mark name="gap" /> not all seen
            </span>
            <span className="text-ink-2">nodes do not report, or events were lost</span>
          </li>
          <li className="grid grid-cols-[9rem_1fr] items-baseline gap-2">
            <span className="flex items-center gap-1.5">
              <Mark name="stale" /> stale
            </span>
            <span className="text-ink-2">older than it should be</span>
          </li>
        </ul>
      </Card>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const VERDICT_MEANING: Record<Verdict, string> = {
  FORWARDED: 'went through',
  DROPPED: 'was not delivered; the reason says why',
  AUDIT: 'went through, but enforced policy would drop it',
  REDIRECTED: 'handed to the L7 proxy, which decides',
  ERROR: 'could not be handled',
  TRACED: 'seen on its way, nothing decided',
  TRANSLATED: 'its address was translated',
  VERDICT_UNKNOWN: '',
};
