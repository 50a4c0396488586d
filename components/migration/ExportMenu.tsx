'use client';
import { Button } from '#components/ui/Button.tsx';
import { Menu, MenuItem } from '#components/ui/Menu.tsx';
import { migrationApi } from './use-migration.ts';

/** The whole migration as a file, or this phase on paper. */
export function ExportMenu({ cluster }: { cluster: string }) {
  const file = (format: 'markdown' | 'json') => `${migrationApi(cluster)}/export?format=${format}`;
  return (
    <Menu align="end" trigger={<Button>Export</Button>}>
      <MenuItem asChild>
        <a href={file('markdown')} download="migration.md">
          Markdown
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={file('json')} download="migration.json">
          JSON
        </a>
      </MenuItem>
      <MenuItem
        onSelect={() => {
          // The menu must be gone before the page is drawn for paper.
          setTimeout(() => window.print(), 150);
        }}
      >
        Print this phase
      </MenuItem>
    </Menu>
  );
}
