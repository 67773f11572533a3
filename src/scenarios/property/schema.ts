// `properties:` of the scenario file: what must hold for all faults, sizes and times that `forall` names. A property is written out
// (`forall` and `then`), or taken from the library (`use`, with its parameters in `with`).
import * as z from 'zod';
import { hintFor } from '../diagnostics.ts';
import { expectationSchema } from '../schema-expect.ts';
import { listed, name, once, positive, refuse } from '../schema-values.ts';
import { type Domain, domainOf, fieldDomainOf, type Unit } from './domain.ts';
import { POLICIES } from './policies.ts';
import { isMistake, type Mistake, type Moment, parseMoment } from './quantities.ts';

function parsed<S extends z.ZodType, T extends object>(
  schema: S,
  parse: (value: z.output<S>) => T | Mistake,
  description: string,
) {
  return schema.describe(description).transform((value, context): T => {
    const result = parse(value);
    if (!isMistake(result)) return result as T;
    refuse(context, 'FS2003', result.message, result.hint);
    return z.NEVER;
  });
}

/** Made when a file has properties. */
const schemas = once(() => {
  const scalar = z.union([z.string(), z.number(), z.boolean()]);
  const values = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))]);

  const domain = (unit: Unit, description: string) =>
    parsed(values, (value): Domain<number> | Mistake => domainOf(value, unit), description);
  const whole = domain('whole', 'a whole number, a range such as 1..3, or a list');
  const times = domain('duration', 'a duration, a range such as 5s..30s, or a list');
  const percents = domain('percent', 'a percentage, a range such as 50%..200%, or a list');
  const fieldValues = parsed(
    z.union([scalar, z.array(z.union([scalar, z.looseObject({})]))]),
    (value): Domain | Mistake => fieldDomainOf(value),
    'a value, a range such as 10..100, or a list',
  );

  const any = z.literal('any');
  /** `any`, one name, or several. */
  const targets = z
    .union([any, name, z.array(name).min(1)])
    .describe('`any`, a name (a workload, or a pod such as reviews-v1[0]), or a list of them');
  const aimed = <S extends z.ZodRawShape>(further: S) =>
    z.union([
      targets.transform((of) => ({ of })),
      z.strictObject({ of: targets.default('any'), ...further }),
    ]);

  const forall = z.strictObject({
    at: times.optional().describe('when faults begin; default: the first half of the loads'),
    for: times.optional().describe('how long faults last; absent = they stay'),
    faults: whole.optional().describe('how many faults at once; default 1'),
    refuse: aimed({ percentage: percents.optional() }).optional(),
    crash: aimed({}).optional(),
    reset: aimed({ percentage: percents.optional() }).optional(),
    hang: aimed({ percentage: percents.optional() }).optional(),
    blackhole: aimed({}).optional(),
    respond: aimed({ status: whole.optional(), percentage: percents.optional() }).optional(),
    slow: aimed({ by: times.optional(), percentage: percents.optional() }).optional(),
    restartProxy: aimed({}).optional(),
    rollout: aimed({}).optional(),
    scale: aimed({ replicas: whole.optional() }).optional(),
    istiodDown: z.union([any, z.literal(true)]).optional(),
    partition: z.union([any, z.array(z.tuple([name, name])).min(1)]).optional(),
    zoneDown: targets.optional(),
    regionDown: targets.optional(),
    clusterDown: targets.optional(),
    apply: z
      .union([name.transform((path) => [path]), z.array(name).min(1)])
      .optional()
      .describe('manifests of which one is applied: a push of configuration in between'),
    replicas: z.record(name, whole).optional().describe('workload -> how many'),
    weights: z
      .union([any, name, z.array(name).min(1)])
      .optional()
      .describe('weights of the routes of these VirtualServices'),
    distribute: any.optional().describe('weights of every `distribute`'),
    patch: z
      .record(name, z.record(name, fieldValues))
      .optional()
      .describe('Kind/name -> field.path -> values'),
    load: z
      .record(name, percents)
      .optional()
      .describe('load -> its rate, users or iterations, of what is written'),
    securityRule: any.optional().describe('one ingress rule of a security group is missing'),
    seed: whole.optional().describe("seeds of the simulation, beside the scenario's own"),
  });

  const moment = parsed(
    z.union([z.string(), z.number()]),
    (value): Moment | Mistake => parseMoment(value),
    'a time such as 10s, at + 10s or end + 5s',
  );
  const then = z.strictObject({
    ...expectationSchema.shape,
    from: moment.optional(),
    to: moment.optional(),
  });

  const property = z
    .strictObject({
      name: name.optional(),
      description: z.string().optional(),
      use: name.optional().describe('a policy of the library: foresail check --list'),
      with: z.record(name, z.unknown()).optional().describe('parameters of the policy'),
      forall: forall.optional(),
      // biome-ignore lint/suspicious/noThenProperty: it is the file's own key, and nobody awaits a schema
      then: z.union([then, z.array(then).min(1)]).optional(),
      runs: positive.optional().describe('replications of each candidate; default 1'),
    })
    .superRefine((property, context) => {
      const { use } = property;
      if (use === undefined) {
        if (property.then === undefined) refuse(context, 'FS2002', '`then` is missing', 'say what must hold');
        if (property.forall === undefined)
          refuse(context, 'FS2002', '`forall` is missing', 'say what varies, or `use` a policy');
        if (property.with !== undefined) refuse(context, 'FS2007', '`with` needs `use`', undefined, ['with']);
        return;
      }
      const policy = POLICIES.find((each) => each.name === use);
      if (!policy) {
        const names = POLICIES.map((each) => each.name);
        refuse(
          context,
          'FS3019',
          `there is no policy "${use}"`,
          hintFor(use, names) ?? `known: ${listed(names)}`,
          ['use'],
        );
        return;
      }
      for (const key of ['then'] as const)
        if (property[key] !== undefined)
          refuse(context, 'FS2007', `${key} comes from the policy ${use}`, 'leave it out', [key]);
      const known = policy.parameters.map((parameter) => parameter.name);
      for (const key of Object.keys(property.with ?? {}))
        if (!known.includes(key))
          refuse(context, 'FS2004', `${use} has no parameter "${key}"`, hintFor(key, known), ['with', key]);
      for (const parameter of policy.parameters)
        if (parameter.fallback === undefined && property.with?.[parameter.name] === undefined)
          refuse(context, 'FS2002', `${use} needs ${parameter.name}: ${parameter.summary}`, undefined, [
            ...(property.with ? ['with'] : []),
          ]);
    });
  return { forall, property };
});

export const forallSchema = () => schemas().forall;
export type Forall = z.output<ReturnType<typeof forallSchema>>;
export const propertySchema = () => schemas().property;
export type PropertyFile = z.output<ReturnType<typeof propertySchema>>;
