import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Card } from '#components/ui/Card.tsx';
import { Figure, FigureRow } from '#components/ui/Figure.tsx';
import { exact, utc } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Percent } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { recordsOf } from './baseline-view.ts';

/** How much of the traffic an import can speak of: minutes with records, and whose sides are known. */
export function CoverageFigures({ made }: { made: FlowLogsImport }) {
  const { coverage, lines } = made;
  const records = recordsOf(made);
  const of = `of ${exact(records)} records`;
  const whole = coverage.minutesSeen === coverage.minutesTotal;
  return (
    <FigureRow label="Coverage of the import">
      <Figure
        name={
          <>
            <Mark name={whole ? 'pass' : 'gap'} />
            Minutes seen
          </>
        }
        value={<Percent part={coverage.minutesSeen} of={coverage.minutesTotal} why="no minute is covered" />}
        unit=""
        note={`${exact(coverage.minutesSeen)} of ${exact(coverage.minutesTotal)} minutes have a record`}
      />
      <Figure
        name="Both sides known"
        value={<Percent part={coverage.bothKnown} of={records} why="there is no record" />}
        unit=""
        note={`${exact(coverage.bothKnown)} ${of}`}
      />
      <Figure
        name="One side known"
        value={<Percent part={coverage.oneKnown} of={records} why="there is no record" />}
        unit=""
        note={`${exact(coverage.oneKnown)} ${of}, ${exact(coverage.noneKnown)} know none`}
      />
      <Figure
        name={
          <>
            <Mark name={made.rejected > 0 ? 'dropped' : 'forwarded'} />
            Rejected
          </>
        }
        value={<Num value={made.rejected} />}
        unit={made.rejected === 1 ? 'record' : 'records'}
        note={`${exact(made.accepted)} accepted; ${exact(lines.noData)} lines NODATA, ${exact(lines.skipData)} SKIPDATA`}
      />
    </FigureRow>
  );
}

/** Lines in which the VPC skipped records cannot be made up for: said where it matters. */
export function SkippedNote({ made }: { made: FlowLogsImport }) {
  if (made.lines.skipData === 0) return null;
  return (
    <p className="flex items-baseline gap-2 text-13 text-ink-2">
      <Mark name="gap" className="translate-y-0.5" />
      <span>
        AWS left out records in {exact(made.lines.skipData)} {made.lines.skipData === 1 ? 'interval' : 'intervals'} (SKIPDATA): a
        pair that spoke only then does not show here.
      </span>
    </p>
  );
}

/** Addresses that belong to no pod, node or service of the cluster, those with most records first. */
export function UnknownAddresses({ made }: { made: FlowLogsImport }) {
  const { unknown } = made.coverage;
  const records = recordsOf(made);
  return (
    <Card flush title="Addresses not known" hint="no pod, node or service of this cluster has them">
      {unknown.length === 0 ? (
        <p className="px-4 py-3 text-13 text-ink-2">
          {records === 0 ? 'The file has no record.' : 'Every record has both its sides in this cluster.'}
        </p>
      ) : (
        <Table caption="Addresses not known">
          <thead>
            <tr>
              <Th>Address</Th>
              <Th>Kept as</Th>
              <Th number>Records</Th>
            </tr>
          </thead>
          <tbody>
            {unknown.map(({ address, as, records: own }) => (
              <Tr key={address}>
                <Td className="font-mono text-12 wrap-anywhere">{visibleText(address)}</Td>
                <Td className="font-mono text-12 wrap-anywhere text-ink-2">{visibleText(as)}</Td>
                <Td number>
                  <Num value={own} full />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {made.from !== undefined && made.to !== undefined && (
        <p className="border-t border-line px-4 py-2 text-12 text-ink-3">
          Addresses are looked up in the cluster as it is now; records are of {utc(made.from)} to {utc(made.to)}.
        </p>
      )}
    </Card>
  );
}
