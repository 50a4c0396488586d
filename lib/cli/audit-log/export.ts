import { once } from 'node:events';
import { BY_CONSOLE } from '#lib/audit-log/event.ts';
import { closeDatabase } from '#lib/db/client.ts';
import { type AuditFormat, exportAuditLog } from '#lib/usecases/audit-log/export-audit-log.ts';
import { openDataDir } from '../data-dir.ts';
import { type DatabaseOptions, withTables } from '../database.ts';
import { actAs } from '../environment.ts';

export interface ExportOptions extends DatabaseOptions {
  readonly format: AuditFormat;
  readonly action?: string;
  readonly cluster?: string;
}

/** `causeway audit export`: to standard output, at the pace of whoever reads it. */
export async function exportLog({ format, action, cluster, ...options }: ExportOptions, root: string): Promise<void> {
  await withTables(options, root, async (url) => {
    actAs(openDataDir(options.data), url);
    try {
      for await (const piece of await exportAuditLog(format, { action, cluster }, BY_CONSOLE)) {
        if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
      }
    } finally {
      await closeDatabase();
    }
  });
}
