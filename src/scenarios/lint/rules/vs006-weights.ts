// VS006: weights are shares of their sum.
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';
import { percent } from '../words.ts';

export const vs006 = defineRule({
  id: 'VS006',
  title: 'Weights that are not what they seem',
  severity: 'info',
  sameAs: ['KIA1104'],
  symptom: 'A weight of 10 gets 50 %, or a single weight has no effect.',
  cause: 'Weights are relative to their sum; a single destination gets everything.',
  fix: 'Let weights add up to 100.',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        const weights = rule.destinations.map(({ weight }) => weight ?? 0);
        const sum = weights.reduce((all, weight) => all + weight, 0);
        if (rule.destinations.length === 1) {
          const [weight] = rule.destinations.map((one) => one.weight);
          if (weight === undefined || weight === 100) continue;
          yield {
            at: rule.originOf(['route', 0, 'weight']),
            message: `VirtualService ${config.name}: the single destination gets all requests, whatever its weight (${weight}) says.`,
          };
        } else if (rule.destinations.length > 1 && sum > 0 && sum !== 100) {
          yield {
            at: rule.originOf(['route']),
            message: `VirtualService ${config.name}: the weights add up to ${sum}; the shares are ${weights.map((weight) => percent(weight / sum)).join(', ')}.`,
          };
        }
      }
  },
});
