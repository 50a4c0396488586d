import 'server-only';
import { replayedOf } from '#lib/audit/compare.ts';
import { workloadNameOf } from '#lib/audit/isolated.ts';
import type { Replayed } from '#lib/audit/replay.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { explain } from '#lib/policy/explain.ts';
import type { Explained } from '#lib/policy/explain-model.ts';
import { findPeer, type FoundPeer } from '#lib/policy/explain-peer.ts';
import type { Question, World } from '#lib/policy/model.ts';
import { typedRequest } from '#lib/policy/typed-request.ts';
import { nearestChanges, type NearestChange } from '#lib/policy/nearest.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

interface Answer extends Explained {
  readonly set: { readonly id: string; readonly hash: string };
  readonly nearest: readonly NearestChange[];
}

/** Why a question gets its answer, by the set in force or a candidate, and the nearest rule that would let it pass. */
export async function answerWhy(desk: Desk, cluster: string, { query, candidate, traffic }: AskOf<'why'>): Promise<Answer> {
  const { world } = desk.facts(cluster);
  const set = candidate ? desk.candidate(cluster, candidate) : desk.inForce(cluster);
  const seen = replayedOf(await desk.input(cluster, traffic));
  const from = who('from', query.from, world, seen);
  const to = who('to', query.to, world, seen);
  const l7 = typedRequest({ ...query, dns: query.dns === '' ? undefined : query.dns });
  const question: Question = { src: from.peer, dst: to.peer, protocol: query.protocol, port: query.port, ...(l7 && { l7 }) };
  return {
    ...explain(set, question, { from: from.name, to: to.name }),
    set: { id: query.set, hash: set.hash },
    nearest: nearestChanges({ ...set, traffic: seen, names: { from: query.from, to: query.to } }, question),
  };
}

/** Whom a text means: somebody of the world or, gone or outside, of the traffic. What traffic knows of an outside name says more than the name. */
function who(parameter: 'from' | 'to', text: string, world: World, seen: readonly Replayed[]): FoundPeer {
  const outside = /^(fqdn|cidr):/.test(text);
  const found = (outside ? inTraffic(text, seen) : undefined) ?? findPeer(text, world, workloadNameOf) ?? inTraffic(text, seen);
  if (found) return found;
  const message = `nobody is known as ${text}: give namespace/workload, namespace/pod, entity:host, fqdn:name or an address`;
  throw new CausewayError('not-found', message, { place: { parameter } });
}

function inTraffic(name: string, seen: readonly Replayed[]): FoundPeer | undefined {
  for (const replayed of seen) {
    if ('unknown' in replayed) continue;
    const { tuple, questions } = replayed;
    const side = tuple.source.name === name ? 'src' : tuple.destination.name === name ? 'dst' : undefined;
    const peer = side && questions[0]?.[side];
    if (peer) return { peer, name: name.replace(/^(fqdn|cidr):/, '') };
  }
  return undefined;
}
