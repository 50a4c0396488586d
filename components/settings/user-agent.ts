/** `Firefox on Linux` of a browser's long name; its beginning where it is none that we know. A help to recognise a session, no proof. */
export function browserOf(userAgent: string): string {
  const browser = BROWSERS.find(([, mark]) => userAgent.includes(mark))?.[0];
  const system = SYSTEMS.find(([, mark]) => userAgent.includes(mark))?.[0];
  if (browser === undefined) return userAgent.slice(0, 60) || 'unknown browser';
  return system === undefined ? browser : `${browser} on ${system}`;
}

// Order matters: each of these names the ones after it as well.
const BROWSERS = [
  ['Edge', 'Edg/'],
  ['Opera', 'OPR/'],
  ['Firefox', 'Firefox/'],
  ['Chrome', 'Chrome/'],
  ['Safari', 'Safari/'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iOS', 'iPhone'],
  ['iPadOS', 'iPad'],
  ['Windows', 'Windows'],
  ['macOS', 'Mac OS X'],
  ['Linux', 'Linux'],
] as const;
