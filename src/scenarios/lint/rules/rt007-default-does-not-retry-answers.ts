// RT007: attempts alone do not retry what the application answers.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';

export const rt007 = defineRule({
  id: 'RT007',
  title: 'attempts without retryOn does not retry answered errors',
  severity: 'info',
  symptom: 'retries: { attempts: 3 } is set, and 503s or 500s of the application reach the caller at once.',
  cause:
    'The default retryOn covers failures to connect and gRPC states; up to 1.23 also 503. An answered 500 was never in it.',
  fix: 'Write retryOn: 5xx (or 503) if repeating answered requests is safe.',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        const retries = recordOf(rule.spec['retries']);
        const attempts = retries['attempts'];
        if (typeof attempts !== 'number' || attempts <= 0 || retries['retryOn']) continue;
        yield {
          at: rule.originOf(['retries']),
          message: `VirtualService ${config.name}: ${attempts} attempts without retryOn repeat failures to connect${subject.minor < 24 ? ' and 503' : ''}, not ${subject.minor < 24 ? 'other' : ''} 5xx answers.`,
        };
      }
  },
});
