import type { Flow } from '#lib/flow/flow.ts';
import type { AgentConfig } from '#lib/policy/model.ts';

/** `reserved:world-ipv4` and `reserved:world-ipv6`: only agents with both address families give these. */
const DUAL_STACK_IDENTITIES = new Set([9, 10]);

/** What flows tell of the agents' configuration where its object is not known: the cluster's name, without which no pod would be of it, and the families. */
export class ObservedSettings {
  #clusterName = '';
  #dualStack = false;

  add({ nodeName, source, destination }: Flow): void {
    if (this.#clusterName === '') this.#clusterName = nodeName.slice(0, Math.max(0, nodeName.indexOf('/')));
    this.#dualStack ||= DUAL_STACK_IDENTITIES.has(source.identity) || DUAL_STACK_IDENTITIES.has(destination.identity);
  }

  config(): AgentConfig {
    return {
      ...(this.#clusterName !== '' && { clusterName: this.#clusterName }),
      ...(this.#dualStack && { dualStack: true }),
    };
  }
}
