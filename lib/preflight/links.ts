import type { PreflightCheck } from './check.ts';

type Link = PreflightCheck['links'][number];

/** A thread on GitHub: `23394` and `PR 9` of cilium/cilium, `owner/name#12` of another repository. */
export function thread(text: string): Link {
  const [, owner = 'cilium/cilium', number = ''] = /^(?:PR )?(?:([\w.-]+\/[\w.-]+)#)?(\d+)$/.exec(text) ?? [];
  const kind = text.startsWith('PR ') ? 'pull' : 'issues';
  return { title: `${owner}#${number}`, url: `https://github.com/${owner}/${kind}/${number}` };
}

/** Several, in their order. */
export const threads = (...texts: readonly string[]): Link[] => texts.map(thread);

/** A page of Cilium's documentation. */
export const ciliumDocs = (title: string, path: string): Link => ({ title, url: `https://docs.cilium.io/en/stable/${path}` });
