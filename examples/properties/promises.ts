// Properties in TypeScript: foresail check examples/properties/promises.ts
import { property } from 'foresail';

export default property({
  name: 'a failing layer is not asked more than four times per visit',
  scenario: 'retry-storm.yaml',
  forall: { refuse: ['front', 'orders', 'stock'], at: '0s..10s' },
  holds({ services, loads }) {
    const visits = loads[0]?.requests ?? 0;
    const tries = services.find(({ service }) => service === 'stock.chain')?.attempts ?? 0;
    return tries <= 4 * visits || `front is asked once, but stock ${(tries / visits).toFixed(1)} times`;
  },
});
