import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AgentConfig, PolicyObject } from './model.ts';
import { problemsOf } from './validate.ts';

const VECTORS = '../shared/policy-vectors';
const hasVectors = existsSync(VECTORS) || process.env['CI'] === 'true';
if (!hasVectors) console.warn(`${VECTORS} is not there: agreement with Cilium's own validation is not tested`);

interface ValidationVector {
  readonly id: string;
  readonly description: string;
  readonly policy: unknown;
  readonly expected: {
    readonly schemaValid: boolean;
    readonly sanitizeValid: boolean;
    readonly class?: string;
    readonly lint?: string;
  };
}
const read = <T>(file: string): T[] => (JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8')) as { vectors: T[] }).vectors;

describe.runIf(hasVectors)('agreement with Cilium', () => {
  test.each(hasVectors ? read<ValidationVector>('validation.json') : [])('$id: $description', ({ policy, expected }) => {
    const problems = problemsOf(policy);
    const classesOf = (...layers: string[]) => [
      ...new Set(problems.filter(({ layer }) => layers.includes(layer)).map((problem) => problem.class)),
    ];
    expect({
      schemaValid: classesOf('schema').length === 0,
      sanitizeValid: classesOf('engine').length === 0,
      classes: classesOf('schema', 'engine'),
      lint: classesOf('lint'),
    }).toEqual({
      schemaValid: expected.schemaValid,
      sanitizeValid: expected.sanitizeValid,
      classes: expected.class ? [expected.class] : [],
      lint: expected.lint ? [expected.lint] : [],
    });
  });

  test('of the policies in all other vectors the engine refuses those that Cilium refused, and no other', () => {
    interface World {
      readonly id: string;
      readonly world: { readonly config: AgentConfig };
      readonly policies: readonly PolicyObject[] | null;
      readonly resolveErrors?: readonly string[];
    }
    const PREFIX = { CiliumNetworkPolicy: 'cnp', CiliumClusterwideNetworkPolicy: 'ccnp', NetworkPolicy: 'knp' };
    const files = readdirSync(VECTORS).filter(
      (file) => file.endsWith('.json') && !/^(validation|name-patterns)\.json$/.test(file),
    );
    let judged = 0;
    for (const { id, world, policies, resolveErrors } of files.flatMap((file) => read<World>(file)))
      for (const policy of policies ?? []) {
        judged++;
        const { name, namespace } = policy.metadata;
        const ref = `${PREFIX[policy.kind]}:${policy.kind === 'CiliumClusterwideNetworkPolicy' ? '' : `${namespace}/`}${name}`;
        const refused = problemsOf(policy, world.config).filter(({ layer }) => layer === 'engine');
        expect({ id, ref, refused: refused.length > 0, refusal: refused[0]?.message }).toMatchObject({
          refused: resolveErrors?.includes(`rejected ${ref}`) ?? false,
        });
      }
    expect(judged).toBeGreaterThan(1500);
  });
});
