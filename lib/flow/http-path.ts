/**
 * The path of a request's URL, percent-decoded, as Hubble's path filter sees it: Go's `url.ParseRequestURI`, which takes an absolute URL
 * or an absolute path. `undefined` where Go refuses the URL (control characters, a broken escape, a relative path): Hubble then matches nothing.
 */
export function requestPath(url: string): string | undefined {
  if (url === '' || /[\0-\x1f\x7f]/.test(url)) return undefined;
  if (url === '*') return '*';
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0];
  const [rest = ''] = url.slice(scheme?.length ?? 0).split('?', 1);
  if (!rest.startsWith('/')) return scheme === undefined ? undefined : '';
  if (scheme === undefined || !rest.startsWith('//')) return percentDecoded(rest);
  const slash = rest.indexOf('/', 2);
  if (!isAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash))) return undefined;
  return slash < 0 ? '' : percentDecoded(rest.slice(slash));
}

const USER_INFO = /^(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|%[0-9a-f]{2})*$/i;
const HOST_AND_PORT = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=<>"]|[^\0-\x7f]|%25|%[89a-f][0-9a-f])*(?::\d*)?$/i;
const IPV6_AND_PORT = /^\[[0-9a-f:.]+(?:%25[^\]\s%]+)?\](?::\d*)?$/i;

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  return USER_INFO.test(authority.slice(0, Math.max(at, 0))) && (HOST_AND_PORT.test(host) || IPV6_AND_PORT.test(host));
}

/** Percent-decoding of bytes, as Go does it: a broken escape is an error, bytes that are no UTF-8 become U+FFFD. */
function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16)),
    ),
  );
}
