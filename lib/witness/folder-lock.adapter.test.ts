import { once } from 'node:events';
import { linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdFolder } from './folder-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cw-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('of many that find a folder which a killed one left, one holds it', async () => {
  const killed = createServer().listen(join(dir, 'killed.sock'));
  await once(killed, 'listening');
  linkSync(join(dir, 'killed.sock'), join(dir, 'witness.sock'));
  killed.close();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => holdFolder(dir)));
  const held = results.filter((result) => result.status === 'fulfilled');
  expect(held).toHaveLength(1);
  await held[0]?.value();
  expect(readdirSync(dir)).toEqual([]);
  await (
    await holdFolder(dir)
  )();
});

test('a folder whose path leaves no room for a socket is refused', async () => {
  await expect(holdFolder(join(dir, 'x'.repeat(100)))).rejects.toThrow(/too long: with a socket in it, it may have 100 bytes/);
});
