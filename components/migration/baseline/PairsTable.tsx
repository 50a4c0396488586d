'use client';
import { useState } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { bytes, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { SortTh } from '#components/ui/SortTh.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { type BaselinePair, type PairSort, actionOf } from './baseline-view.ts';

const FEW = 200;

/** Who talked to whom, as the VPC saw it. */
export function PairsTable({ pairs, sort, onSort }: PairsTableProps) {
  const [all, setAll] = useState(false);
  const head = (label: string, by: PairSort, number = true, className = '') => (
    <SortTh
      label={label}
      active={sort === by}
      number={number}
      direction={by === 'pair' ? 'ascending' : 'descending'}
      back="Back to most records"
      onSort={() => onSort(sort === by ? 'records' : by)}
      className={className}
    />
  );
  return (
    <>
      <Table caption="Pairs of the baseline">
        <thead>
          <tr>
            {head('Pair', 'pair', false)}
            <Th>Port</Th>
            <Th>Action</Th>
            {head('Records', 'records')}
            {head('Bytes', 'bytes', true, 'max-md:hidden')}
            {head('Packets', 'packets', true, 'max-lg:hidden')}
            {head('Last seen', 'last', false, 'max-md:hidden')}
          </tr>
        </thead>
        <tbody>
          {(all ? pairs : pairs.slice(0, FEW)).map((pair) => {
            const { source, destination, protocol, port, records, packets, lastSeen, firstSeen } = pair;
            const action = actionOf(pair);
            return (
              <Tr key={`${source} ${destination} ${protocol} ${port} ${action}`}>
                <Td className="min-w-48">
                  <PairName source={visibleText(source)} destination={visibleText(destination)} />
                </Td>
                <Td className="font-mono text-12 whitespace-nowrap text-ink-2">{portWords(protocol, port)}</Td>
                <Td className="whitespace-nowrap">
                  <span className="inline-flex items-center gap-1.5">
                    <Mark name={action === 'REJECT' ? 'dropped' : 'forwarded'} />
                    {action}
                  </span>
                </Td>
                <Td number>
                  <Num value={records} full />
                </Td>
                <Td number className="max-md:hidden" title={exact(pair.bytes)}>
                  {bytes(pair.bytes)}
                </Td>
                <Td number className="max-lg:hidden">
                  <Num value={packets} />
                </Td>
                <Td className="whitespace-nowrap text-ink-2 max-md:hidden" title={`first ${new Date(firstSeen).toISOString()}`}>
                  <Time at={lastSeen} />
                </Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
      {!all && pairs.length > FEW && (
        <div className="border-t border-line px-4 py-2">
          <Button look="quiet" size="sm" onClick={() => setAll(true)}>
            Show all {exact(pairs.length)} pairs
          </Button>
        </div>
      )}
    </>
  );
}
interface PairsTableProps {
  pairs: readonly BaselinePair[];
  sort: PairSort;
  onSort: (sort: PairSort) => void;
}

/** ICMP and the like have no port. */
const portWords = (protocol: string, port: number): string =>
  port === 0 ? visibleText(protocol) : `${visibleText(protocol)}/${port}`;
