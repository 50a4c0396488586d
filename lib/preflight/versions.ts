/** A version of Cilium, Kubernetes or a kernel, as far as it is compared here. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  /** 0 where the text ends before it. */
  readonly patch: number;
  /** `rc.1`, `pre.2`, `snapshot.0`; a vendor's addition (`eks-113cf36`, `amzn2023`) is none. Empty for a release. */
  readonly pre: string;
}

const FORM = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?(?:[-+.@_~]([0-9A-Za-z.:+_~-]*))?$/;
const PRE = /^(?:alpha|beta|rc|pre|snapshot|dev)(?:[.-]?\d+)*$/i;
const LONGEST = 200;

/** A version of `v1.19.5`, `1.19`, `v1.32.9-eks-113cf36`, `6.1.158-180.294.amzn2023.aarch64`, `v1.20.0-rc.1`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = text.length > LONGEST ? null : FORM.exec(text.trim());
  if (!match) return undefined;
  const addition = (match[4] ?? '').split('@')[0] ?? '';
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3] ?? 0),
    pre: PRE.test(addition) ? addition.toLowerCase() : '',
  };
}

/** The version in an image's tag: `quay.io/cilium/cilium:v1.19.5@sha256:...`; undefined where the tag is no version. */
export function versionOfImage(image: string): Version | undefined {
  const [name = ''] = image.slice(0, 1000).split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? parseVersion(name.slice(colon + 1)) : undefined;
}

/** Below 0 where `a` is older, above 0 where it is newer; a release is newer than what leads to it. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePre(a.pre, b.pre);
}

/** Whether `version` is `text` or newer. `text` is one of ours and has to be a version. */
export function isAtLeast(version: Version, text: string): boolean {
  const least = parseVersion(text);
  if (!least) throw new Error(`${text} is not a version`);
  return compareVersions(version, least) >= 0;
}

/** `1.19.5`, `1.20.0-rc.1`. */
export const versionText = ({ major, minor, patch, pre }: Version): string =>
  `${major}.${minor}.${patch}${pre === '' ? '' : `-${pre}`}`;

/** `1.19`: what facts are kept by. */
export const minorText = ({ major, minor }: Version): string => `${major}.${minor}`;

function comparePre(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const [left, right] = [a.split(/[.-]/), b.split(/[.-]/)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? '', right[i] ?? ''];
    if (x === y) continue;
    const [m, n] = [Number(x), Number(y)];
    const byNumber = x !== '' && y !== '' && Number.isFinite(m) && Number.isFinite(n);
    return byNumber ? m - n : x < y ? -1 : 1;
  }
  return 0;
}
