// What well-known sample applications do, so that nobody has to write it down.
// Source: istio/istio samples/bookinfo/src (1.24): productpage asks details, then reviews, and shows the page without a part that fails;
// reviews v2 and v3 ask ratings, v1 does not. Latencies are foresail's assumption.
import type { Behaviour, BehaviourCall } from './scenario.ts';

const ms = (value: number) => ({ dist: 'fixed', ns: value * 1e6 }) as const;
const get = (call: string, path: string): BehaviourCall => ({ call, method: 'GET', path, headers: {} });

/** A page with stars has this line once per reviewer, whatever their colour. */
const STARS = '<!-- full stars: -->';

const withStars: Behaviour = {
  latency: ms(4),
  script: [get('ratings', '/ratings/0')],
  // Without ratings the real page shows the reviews without stars; prints are part of a good answer, so ratings brings the lines.
  onCallFailure: 'ignore',
};

export const PRESETS: Record<string, Record<string, Behaviour>> = {
  bookinfo: {
    'productpage-v1': {
      latency: ms(5),
      script: [get('details', '/details/0'), get('reviews', '/reviews/0')],
      onCallFailure: 'ignore',
    },
    'details-v1': { latency: ms(2) },
    'reviews-v1': { latency: ms(4) },
    'reviews-v2': withStars,
    'reviews-v3': withStars,
    'ratings-v1': { latency: ms(2), prints: [STARS, STARS] },
  },
};
