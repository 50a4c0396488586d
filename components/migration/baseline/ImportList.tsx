'use client';
import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import { visibleText } from '#lib/flow/text.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Confirm } from '#components/settings/Confirm.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { bytes, exact } from '#components/ui/format.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';

const STATE_MARKS: Record<FlowLogsImport['state'], MarkName> = { reading: 'stale', done: 'pass', failed: 'fail' };

/** S3 keeps a small gzip for each interface and five minutes; put one behind the other they are one file. */
const FETCH = `aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs/REGION/YYYY/MM/DD/ flow-logs/
cat flow-logs/*.log.gz > flow-logs.log.gz`;

/** What was imported, newest first. */
export function ImportList({ imports, api, mayEdit, chosen, onChoose, onDeleted }: ImportListProps) {
  if (imports.length === 0)
    return (
      <Card flush title="Imports">
        <Empty
          title="No baseline yet"
          action={
            <CopyButton text={FETCH} label="Copy commands">
              Copy commands
            </CopyButton>
          }
        >
          What went over the VPC before Cilium is what phase 0 is measured by: two weeks of flow logs of the nodes’ subnets show
          who talks to whom. Fetch a day of them, and import the file (the command line takes many at once:{' '}
          <code className="font-mono text-12">causeway import flow-logs</code>):
          <code className="mt-2 block font-mono text-12 whitespace-pre-wrap wrap-anywhere text-ink">{FETCH}</code>
        </Empty>
      </Card>
    );
  return (
    <Card flush title="Imports" hint={exact(imports.length)}>
      <Table caption="Imports of VPC Flow Logs">
        <thead>
          <tr>
            <Th>File</Th>
            <Th>State</Th>
            <Th number className="max-md:hidden">
              Records
            </Th>
            <Th number className="max-md:hidden">
              Tuples
            </Th>
            <Th className="max-lg:hidden">Time covered</Th>
            <Th className="max-md:hidden">Imported</Th>
            {mayEdit && (
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            )}
          </tr>
        </thead>
        <tbody>
          {imports.map((each) => (
            <Tr key={each.id} dense={false} selected={each.id === chosen} className="align-top *:py-2">
              <Td className="min-w-24">
                <button
                  type="button"
                  aria-current={each.id === chosen}
                  onClick={() => onChoose(each.id)}
                  className="ring-focus min-h-6 rounded-sm text-left font-label wrap-anywhere hover:underline"
                >
                  {visibleText(each.name)}
                </button>
                <span className="block text-12 text-ink-3">{bytes(each.bytes)}</span>
              </Td>
              <Td>
                <span className="inline-flex items-center gap-1.5">
                  <Mark name={STATE_MARKS[each.state]} />
                  {each.state}
                </span>
                {each.problem !== '' && (
                  <span className="block max-w-80 text-12 wrap-anywhere text-ink-3">{visibleText(each.problem)}</span>
                )}
              </Td>
              <Td number className="max-md:hidden">
                <Num value={kept(each, each.lines.taken)} why="nothing of it was kept" full />
              </Td>
              <Td number className="max-md:hidden">
                <Num value={kept(each, each.tuples)} why="nothing of it was kept" full />
              </Td>
              <Td className="whitespace-nowrap text-ink-2 max-lg:hidden">
                <Time at={each.from} why="it has no record" /> to <Time at={each.to} why="it has no record" />
              </Td>
              <Td className="text-ink-2 max-md:hidden">
                <Time at={each.at} className="whitespace-nowrap" />
                <span className="block text-12 text-ink-3">by {visibleText(each.by)}</span>
              </Td>
              {mayEdit && (
                <Td className="text-right">
                  <Confirm
                    button="Delete"
                    question={`Delete ${visibleText(each.name)}?`}
                    effect={
                      each.state === 'done'
                        ? `What only it gave is forgotten, of ${exact(each.tuples)} tuples. The file itself was never kept.`
                        : 'Only the note that it was tried goes: nothing of it was kept.'
                    }
                    action={async () => {
                      await callApi(`${api}/flow-logs/${encodeURIComponent(each.id)}`, NO_BODY, { method: 'DELETE' });
                      onDeleted();
                    }}
                  />
                </Td>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
/** A refused file gave nothing, however much of it was read. */
const kept = ({ state }: FlowLogsImport, count: number): number | undefined => (state === 'done' ? count : undefined);

interface ImportListProps {
  imports: readonly FlowLogsImport[];
  api: string;
  mayEdit: boolean;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  onDeleted: () => void;
}
