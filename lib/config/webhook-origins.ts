import { CausewayError } from '#lib/errors/errors.ts';

/**
 * Where webhooks may go, from `CAUSEWAY_WEBHOOK_ORIGINS`: origins `scheme://host[:port]` separated by commas, as `URL.origin` writes them. Only
 * whoever runs the console can set it; an administrator in the browser chooses among these. Throws `not-configured` for anything that is more
 * than an origin.
 */
export function webhookOriginsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const items = (environment['CAUSEWAY_WEBHOOK_ORIGINS'] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return [...new Set(items.map(originOf))];
}

function originOf(item: string, index: number): string {
  const url = URL.canParse(item) ? new URL(item) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/` || url.hostname.includes('*')) {
    throw new CausewayError(
      'not-configured',
      `CAUSEWAY_WEBHOOK_ORIGINS is a list of origins such as https://hooks.example.com:8443; number ${index + 1} is none`,
    );
  }
  return url.origin;
}
