import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Page, expect } from '@playwright/test';
import { PRD } from './test.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Exit status of `causeway verify`, and what it printed. */
export function verifyByCommand(file: string, trust: string): { exit: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/causeway.mjs', 'verify', file, '--trust', trust], {
    cwd: root,
    encoding: 'utf8',
  });
  return { exit: status, output: stdout + stderr };
}

/** The text with one byte of it changed: a digit of the flow’s id. */
export function withOneByteChanged(receipt: string): string {
  const [head, uuid, tail] = splitAt(receipt, /"uuid":"([0-9a-f])/);
  return `${head}${uuid === '0' ? '1' : '0'}${tail}`;
}

function splitAt(text: string, pattern: RegExp): [string, string, string] {
  const found = pattern.exec(text);
  if (!found) throw new Error('the receipt names no flow');
  const at = found.index + found[0].length - 1;
  return [text.slice(0, at), text.charAt(at), text.slice(at + 1)];
}

/** Presses what downloads, and gives the text of the file. */
export async function downloaded(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const coming = page.waitForEvent('download');
  await press();
  const file = await coming;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

/** Opens the newest receipt of a drop that a signed head of the log holds by now. */
export async function openLoggedDrop(page: Page): Promise<void> {
  await page.goto(`${PRD}/receipts?verdict=DROPPED&range=1h`);
  const row = page
    .getByRole('table', { name: 'Receipts, newest first' })
    .getByRole('row', { name: /DROPPED.*(logged|witnessed)/ })
    .or(
      page
        .getByRole('list', { name: 'Receipts, newest first' })
        .getByRole('listitem')
        .filter({ hasText: /logged|witnessed/ }),
    )
    .filter({ visible: true })
    .first();
  await expect(row).toBeVisible({ timeout: 60_000 });
  await row.getByRole('link').click();
  await expect(page.getByText(/required checks pass.* here/).first()).toBeVisible();
}
