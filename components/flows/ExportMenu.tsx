'use client';
import { Download } from 'lucide-react';
import type { Flow } from '#lib/flow/flow.ts';
import { Button } from '#components/ui/Button.tsx';
import { Menu, MenuItem, MenuLabel } from '#components/ui/Menu.tsx';
import { exact } from '#components/ui/format.ts';
import { downloadText, fileName } from './download.ts';
import { flowsToCsv, flowsToJsonLines } from './flow-export.ts';

/** Downloads the rows that are shown. */
export function ExportMenu({ flows, cluster }: { flows: readonly Flow[]; cluster: string }) {
  const save = (ending: 'csv' | 'jsonl') =>
    downloadText(
      fileName(cluster, 'flows', ending, Date.now()),
      ending === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson',
      ending === 'csv' ? flowsToCsv(flows) : flowsToJsonLines(flows),
    );
  return (
    <Menu
      trigger={
        <Button size="sm" disabled={flows.length === 0}>
          <Download size={13} aria-hidden="true" />
          Download
        </Button>
      }
    >
      <MenuLabel>{exact(flows.length)} flows shown</MenuLabel>
      <MenuItem onSelect={() => save('csv')}>CSV, for a spreadsheet</MenuItem>
      <MenuItem onSelect={() => save('jsonl')}>JSON, one flow a line</MenuItem>
    </Menu>
  );
}
