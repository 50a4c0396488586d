import type { AuditReport } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Card } from '#components/ui/Card.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';

/** Why traffic could not be judged, most first. Unknown is unknown: none of it counts as agreeing. */
export function NotJudgeable({ report }: { report: AuditReport }) {
  const { notJudgeable, notJudgeableReasons } = report;
  if (notJudgeable.tuples === 0) return null;
  return (
    <Card
      flush
      title={
        <span className="inline-flex items-center gap-2">
          <Mark name="unknown" />
          Not judgeable
        </span>
      }
      hint={`${exact(notJudgeable.tuples)} ${notJudgeable.tuples === 1 ? 'tuple' : 'tuples'}, never counted as agreeing`}
    >
      <Table caption="Why traffic could not be judged">
        <thead>
          <tr>
            <Th>Reason</Th>
            <Th number>Tuples</Th>
            <Th number>Flows</Th>
          </tr>
        </thead>
        <tbody>
          {notJudgeableReasons.map(({ code, detail, tuples, flows }) => (
            <Tr key={`${code} ${detail}`}>
              <Td className="w-full wrap-anywhere first-letter:uppercase" title={visibleText(code)}>
                {visibleText(detail)}
              </Td>
              <Td number>
                <Num value={tuples} full />
              </Td>
              <Td number>
                <Num value={flows} full />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
