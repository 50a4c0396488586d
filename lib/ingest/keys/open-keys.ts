import 'server-only';
import type { Logger } from 'pino';
import type { ReceiptSettings } from '#lib/config/receipts.ts';
import { putTrustSetting } from '#lib/db/receipts/trust.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { openSigningKeys, type SigningKeys } from '#lib/keys/signing-keys.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';

const AGAIN_MS = 30_000;

/** Opens the keys of this console and keeps for the trust bundle what it was told of organisation and witnesses. What is wrong with a key stops nothing else. */
export async function openKeys({ keys, ...settings }: ReceiptSettings, db: TrafficDb, log: Logger): Promise<SigningKeys> {
  const { organisation, quorum } = settings;
  const witnesses = settings.witnesses.map(({ name, url, key }) => ({ name, url, x: toBase64Url(key) }));
  let timer: NodeJS.Timeout | undefined;
  const announce = async (): Promise<void> => {
    try {
      await putTrustSetting(db, { organisation, witnesses, quorum }, Date.now());
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the trust bundle does not have the organisation and the witnesses yet');
      timer = setTimeout(() => void announce(), AGAIN_MS).unref();
    }
  };
  await announce();
  const opened = await openSigningKeys({ ...keys, db, log });
  if (opened.problem !== '') log.error({ problem: opened.problem }, 'not everything is signed');
  const closeKeys = opened.close.bind(opened);
  opened.close = () => {
    clearTimeout(timer);
    closeKeys();
  };
  return opened;
}
