'use client';
import Link from 'next/link';
import type { DropsReport } from '#lib/api/drops.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { exact } from '#components/ui/format.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Delta, Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { topReasons } from './overview-view.ts';

/** Drops by reason with the change against the window before. Policy reasons carry ✕, others ○. */
export function Reasons({
  state,
  window,
  hrefOf,
}: {
  state: ApiState<DropsReport>;
  window: string;
  hrefOf: (reason: string) => string;
}) {
  return (
    <Card title="Drops by reason" aside={window} flush>
      <Loaded state={state}>
        {(report) =>
          report.total === 0 ? <NoDrops report={report} window={window} /> : <Rows report={report} hrefOf={hrefOf} />
        }
      </Loaded>
    </Card>
  );
}

function Rows({ report, hrefOf }: { report: DropsReport; hrefOf: (reason: string) => string }) {
  const { rows, more, moreDrops } = topReasons(report);
  return (
    <>
      <Table caption="Drops by reason">
        <thead>
          <tr>
            <Th>Reason</Th>
            <Th number>Drops</Th>
            <Th number>Change</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, count, before }) => {
            const cause = dropCauseOf(key);
            return (
              <Tr key={key}>
                <Td>
                  <span className="flex items-center gap-2">
                    <Mark
                      name={cause.decidedBy === 'policy' ? 'dropped' : 'trace'}
                      label={cause.decidedBy === 'policy' ? 'decided by policy' : 'no policy matter'}
                    />
                    <Link href={hrefOf(key)} title={`${key}: ${cause.meaning}`} className="hover:underline">
                      {cause.label}
                    </Link>
                  </span>
                </Td>
                <Td number>
                  <Num value={count} full />
                </Td>
                <Td number>
                  <Delta now={count} before={before} comparable={report.comparable} />
                </Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
      {more > 0 && (
        <p className="border-t border-line px-4 py-2 text-12 text-ink-3">
          {more} more {more === 1 ? 'reason' : 'reasons'}, {exact(moreDrops)} drops
        </p>
      )}
    </>
  );
}

/** A zero that is a zero, or one that cannot be told from a gap. */
function NoDrops({ report: { coverage, flows }, window }: { report: DropsReport; window: string }) {
  const whole =
    coverage.nodesReporting === coverage.nodesExpected && coverage.lostTotal === 0 && coverage.gaps.length === 0 && flows > 0;
  return (
    <Empty title={`No drops, ${window}`}>
      {whole
        ? `${coverage.nodesReporting} of ${coverage.nodesExpected} nodes report, 0 events lost, so this is a zero and no gap.`
        : `${coverage.nodesReporting} of ${coverage.nodesExpected} nodes report and ${exact(coverage.lostTotal)} events were lost, so there may be drops that nobody saw.`}
    </Empty>
  );
}
