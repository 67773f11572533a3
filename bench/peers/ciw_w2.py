# W2 in Ciw: a node with unlimited servers for each way of the network, and one with 8 servers per endpoint. Prints one line of JSON.
import json
import random
import sys
import time

import ciw

N, ENDPOINTS = int(sys.argv[1]), 16
OUT = ENDPOINTS + 2


class TwoChoices(ciw.routing.NodeRouting):
    def next_node(self, ind):
        a, b = random.randrange(ENDPOINTS), random.randrange(ENDPOINTS)
        nodes = self.simulation.nodes
        at = b if nodes[b + 2].number_of_individuals < nodes[a + 2].number_of_individuals else a
        return nodes[at + 2]


network = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(50.0)] + [None] * (ENDPOINTS + 1),
    service_distributions=[ciw.dists.Deterministic(1.0)]
    + [ciw.dists.Exponential(0.5)] * ENDPOINTS
    + [ciw.dists.Deterministic(1.0)],
    number_of_servers=[float("inf")] + [8] * ENDPOINTS + [float("inf")],
    routing=ciw.routing.NetworkRouting(
        routers=[TwoChoices()]
        + [ciw.routing.Direct(to=OUT) for _ in range(ENDPOINTS)]
        + [ciw.routing.Leave()]
    ),
)
ciw.seed(1)
simulation = ciw.Simulation(network)
begin = time.process_time()
simulation.simulate_until_max_customers(N, method="Finish")
cpu = time.process_time() - begin
total = sum(record.exit_date - record.arrival_date for record in simulation.get_all_records())
print(json.dumps({"cpu": cpu, "requests": N, "mean_ms": total / N}))
